"""A school day through the whole system, and what came of it."""
