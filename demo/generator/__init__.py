"""The parts of the two programs that make the roster and the day."""
