"""What the directory answers on NATS."""
