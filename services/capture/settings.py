"""Settings of the role capture."""

from typing import ClassVar

from pydantic import Field

from chassis.settings import HttpSettings, StoreSettings


class Settings(StoreSettings, HttpSettings):
    """Read once, in bootstrap."""

    secret_names: ClassVar[frozenset[str]] = StoreSettings.secret_names

    silent_after_s: float = Field(
        default=900, description="Seconds without a word after which a device counts as silent"
    )
    coverage_every_s: float = Field(default=5, description="Seconds between looks for the silent")
