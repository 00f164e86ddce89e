"""The services: one folder a bounded context, strangers to one another."""
