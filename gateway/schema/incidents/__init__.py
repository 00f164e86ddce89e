"""Incidents: the inbox, one case, what is decided about it, and its changes as they happen."""
