"""Reporting: what was seen in a school, and how soon it was answered."""
