"""The inbox, live in a terminal."""
