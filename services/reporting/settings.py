"""What reporting needs to start: a store of its own, nothing else."""

from chassis.settings import StoreSettings


class Settings(StoreSettings):
    """Settings of the reporting role."""
