"""When a device counts as silent."""

from services.capture.domain.coverage import Seen, State, state_of


def test_silent_after_the_time_and_not_before() -> None:
    seen = Seen("d", "s", last_seen_ms=1_000)
    assert state_of(seen, 1_500, 500) is State.ACTIVE
    assert state_of(seen, 1_501, 500) is State.SILENT


def test_a_device_that_never_spoke_is_not_silent() -> None:
    assert state_of(Seen("d", "s"), 10**12, 500) is State.NEVER_SEEN
