"""The school's policy."""
