"""Messages of alerting."""
