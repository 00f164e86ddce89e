"""The British English detection pack: data files only."""
