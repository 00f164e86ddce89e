"""Settings of the role incidents."""

from pydantic import Field

from chassis.settings import StoreSettings


class Settings(StoreSettings):
    """Read once, in bootstrap."""

    context_each_side: int = Field(
        default=10, description="Activities stored before and after the one that was found"
    )
    join_within_days: int = Field(
        default=7, description="Days after its last finding in which an open incident takes more"
    )
