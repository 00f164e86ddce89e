"""The rules of counting: weeks, medians, positions."""
