"""Which incident a finding belongs to, and what is decided about it."""
