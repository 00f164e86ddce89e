"""Messages of gateway."""
