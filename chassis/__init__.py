"""What every service stands on: bus, store, sealing, authentication, telemetry."""
