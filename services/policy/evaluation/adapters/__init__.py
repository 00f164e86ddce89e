"""Adapters of evaluation: what matches phrases, and how its parts are put together."""
