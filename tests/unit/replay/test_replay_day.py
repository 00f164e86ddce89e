"""The order of a day, where in time it is put, and its pace."""

from hypothesis import given
from hypothesis import strategies as st

from vigil.replay.day import DAY_MS, Pace, merged, shift_ms
from vigil.replay.post import Post

NOW = 1_795_000_000_000


def _post(send_at: int, occurred: int | None = None, device: str = "d", line: int = 1) -> Post:
    batch = None
    if occurred is not None:
        batch = {"batch_id": "b", "activities": [{"id": "a", "occurred_at_ms": occurred}]}
    return Post(send_at, device, batch, "day.ndjson", line)


def test_recordings_are_merged_by_the_time_of_sending() -> None:
    one = [_post(10, device="a"), _post(30, device="a")]
    two = [_post(20, device="b"), _post(5, device="b")]
    assert [post.send_at_ms for post in merged(one, two)] == [5, 10, 20, 30]


def test_at_the_same_moment_the_given_order_stays() -> None:
    posts = [_post(7, line=number) for number in range(1, 6)]
    assert [post.line for post in merged(posts[:3], posts[3:])] == [1, 2, 3, 4, 5]


@given(last=st.integers(0, 4_000_000_000_000), now=st.integers(0, 4_000_000_000_000))
def test_the_last_activity_comes_to_lie_in_the_last_24_hours(last: int, now: int) -> None:
    shift = shift_ms([_post(last - 1, last - 5_000), _post(last, last)], now)
    assert shift % DAY_MS == 0
    assert 0 <= now - (last + shift) < DAY_MS


def test_a_day_still_to_come_is_moved_back() -> None:
    assert shift_ms([_post(NOW + 5, NOW + 5)], NOW) == -DAY_MS


def test_a_recording_of_now_stays_where_it_is() -> None:
    assert shift_ms([_post(NOW, NOW - 60_000)], NOW) == 0


def test_signs_of_life_count_only_where_there_is_nothing_else() -> None:
    assert shift_ms([_post(NOW + DAY_MS), _post(NOW, NOW - 1)], NOW) == 0
    assert shift_ms([_post(NOW + 1)], NOW) == -DAY_MS


def test_a_body_is_moved_and_the_recording_is_not() -> None:
    post = _post(10, 7)
    assert post.body(DAY_MS)["activities"][0]["occurred_at_ms"] == 7 + DAY_MS
    assert post.body(0) == post.batch


def test_a_body_without_times_goes_as_it_is() -> None:
    batch = {"batch_id": "b", "activities": [{"id": "a", "occurred_at_ms": "noon"}]}
    assert Post(1, "d", batch, "f", 1).body(DAY_MS) == batch
    assert Post(1, "d", {"activities": "none"}, "f", 1).body(DAY_MS) == {"activities": "none"}
    assert Post(1, "d", {"batch_id": "b", "activities": [3]}, "f", 1).body(5)["activities"] == [3]


def test_the_pace_spreads_the_day_evenly() -> None:
    pace = Pace.of([_post(1_000), _post(2_000), _post(5_000)], within_s=60)
    assert [pace.due_s(at) for at in (1_000, 2_000, 5_000)] == [0, 15, 60]


def test_within_nothing_everything_is_due_at_once() -> None:
    assert Pace.of([_post(1_000), _post(5_000)], within_s=0).due_s(5_000) == 0


def test_a_single_post_is_due_at_once() -> None:
    assert Pace.of([_post(1_000)], within_s=60).due_s(1_000) == 0
