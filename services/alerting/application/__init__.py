"""Commands and queries, one a file, and the ports to the outside."""
