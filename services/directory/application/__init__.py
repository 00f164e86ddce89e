"""What can be asked of the directory, one request a file."""
