"""The rules of escalation: pure, without I/O, clock or randomness."""
