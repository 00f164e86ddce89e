"""Settings of the role evaluation."""

from chassis.settings import StoreSettings


class Settings(StoreSettings):
    """Read once, in bootstrap. Its database holds the schools' policies."""
