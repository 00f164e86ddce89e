"""Directory: schools, people, devices, users, tokens, and every person's key."""
