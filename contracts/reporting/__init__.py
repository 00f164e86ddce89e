"""Messages of reporting."""
