"""Which roles there are on one machine, with which rights, secrets and settings."""
