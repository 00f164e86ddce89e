"""How messages and requests come in."""
