"""Which devices are heard."""
