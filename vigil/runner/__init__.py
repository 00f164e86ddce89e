"""Starts, watches and stops the servers and the roles of `vigil up`."""
