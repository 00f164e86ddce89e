"""Rows that answer lists and counts, built from events alone."""
