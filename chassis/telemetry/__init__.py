"""OpenTelemetry and logging, set up once per process. Captured content never enters either."""
