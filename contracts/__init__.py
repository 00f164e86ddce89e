"""What crosses the border between contexts: generated messages, the registry, the activity form."""
