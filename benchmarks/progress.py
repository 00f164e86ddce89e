"""Says on standard error how far a run has come; standard output is the report's."""

import sys
import time

_STARTED = time.monotonic()


def say(text: str) -> None:
    """One line with the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:6.1f} s] {text}", file=sys.stderr, flush=True)
