"""Greenfield Academy: a recorded school day and the seeded programs that made it."""
