"""Where the facts are kept."""
