"""How a user is called and reached."""

from dataclasses import dataclass

from services.directory.application.directory import Stores
from services.directory.application.key_by_id import KeyById
from services.directory.application.sealed import Contact, open_contact
from services.directory.domain.user import User


@dataclass(frozen=True)
class ContactOf:
    """For alerting, and for users to see themselves."""

    stores: Stores
    key_by_id: KeyById

    def __call__(self, school: str, user_id: str) -> Contact:
        """The contact. NotFoundError for no user of this school, GoneError after erasure."""
        user = self.stores.of(school).get(User, user_id)
        key = self.key_by_id(school, user.key_id)
        return open_contact(key, user.sealed_contact)
