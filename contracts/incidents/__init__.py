"""Messages of incidents."""
