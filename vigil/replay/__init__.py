"""Sends a recorded day to capture, as the devices themselves would have sent it."""
