"""Rules of coverage: pure."""
