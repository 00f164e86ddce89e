"""Use cases of evaluation, one a file."""
