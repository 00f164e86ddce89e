"""Context rules: what stands round a hit, and how it changes severity, confidence and facets."""
