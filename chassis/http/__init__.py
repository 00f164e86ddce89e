"""HTTP as the public roles serve it."""
