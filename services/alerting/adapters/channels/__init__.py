"""Ways of telling somebody, one a file."""
