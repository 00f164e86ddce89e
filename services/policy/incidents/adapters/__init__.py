"""The outside world as this service uses it."""
