"""Messages of directory."""
