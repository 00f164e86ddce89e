"""Messages of common."""
