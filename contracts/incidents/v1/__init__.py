"""Version 1, generated from proto/."""
