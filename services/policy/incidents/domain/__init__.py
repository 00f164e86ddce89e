"""Incidents and their rules: pure."""
