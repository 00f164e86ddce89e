"""Who a user is, to themselves."""

from dataclasses import dataclass

from services.directory.application.contact_of import ContactOf
from services.directory.application.directory import Stores


@dataclass(frozen=True)
class Me:
    """A user's name and their school's."""

    name: str
    school_name: str


@dataclass(frozen=True)
class GetMe:
    """The role comes from the token, not from here."""

    stores: Stores
    contact_of: ContactOf

    def __call__(self, school: str, user_id: str) -> Me:
        """NotFoundError for a token whose user this school does not have."""
        name = self.contact_of(school, user_id).name
        return Me(name, self.stores.of(school).the_school().name)
