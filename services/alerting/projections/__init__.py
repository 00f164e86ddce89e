"""Read models, one a file, named by the question they answer."""
