import pytest

from chassis.bus.fence import Fence, Verdict, judge
from chassis.errors import TransientError


@pytest.mark.parametrize(
    ("number", "previous", "verdict"),
    [
        (4, 3, Verdict.OLD),
        (5, 4, Verdict.OLD),
        (6, 5, Verdict.NEW),
        (9, 5, Verdict.NEW),
        (9, 3, Verdict.NEW),
        (9, None, Verdict.NEW),
        (7, 6, Verdict.GAP),
    ],
)
def test_a_message_is_judged_by_what_was_taken_in(
    number: int, previous: int | None, verdict: Verdict
) -> None:
    assert judge(5, number, previous) is verdict


async def test_a_gap_is_asked_for_once_in_a_while() -> None:
    asked: list[tuple[str, int, int]] = []

    async def ask(*what: object) -> None:
        asked.append(what)  # type: ignore[arg-type]

    fence = Fence(ask)
    for number in (9, 10, 11):
        assert await fence.judge("S", 1, 5, number, number - 1) is Verdict.GAP
    assert await fence.judge("S", 2, 5, 9, 8) is Verdict.GAP
    assert asked == [("S", 1, 6), ("S", 2, 6)]
    assert await fence.judge("S", 1, 6, 9, 8) is Verdict.GAP
    assert asked[2:] == [("S", 1, 7)]
    impatient = Fence(ask, ask_every_s=0)
    for _ in range(2):
        await impatient.judge("S", 1, 5, 9, 8)
    assert len(asked) == 5


async def test_what_could_not_be_asked_is_asked_again() -> None:
    calls = 0

    async def ask(*_: object) -> None:
        nonlocal calls
        calls += 1
        raise TransientError("away", "try later")

    fence = Fence(ask)
    for _ in range(2):
        with pytest.raises(TransientError):
            await fence.judge("S", 1, 5, 9, 8)
    assert calls == 2
