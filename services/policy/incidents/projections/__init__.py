"""One read model a file."""
