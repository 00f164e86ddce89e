"""NATS JetStream as the services use it."""
