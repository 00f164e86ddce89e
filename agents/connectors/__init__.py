"""Readers of other systems' logs, one format a file."""
