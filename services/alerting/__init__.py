"""Alerting: who must be told, by what, by when, and who next."""
