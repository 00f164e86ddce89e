"""What a person is called: asked when an incident is revealed, and recorded there."""

from dataclasses import dataclass

from services.directory.application.directory import Stores
from services.directory.application.key_by_id import KeyById
from services.directory.application.sealed import open_name
from services.directory.domain.person import Person


@dataclass(frozen=True)
class NameOf:
    """A stand-in that the roster has named since answers with that person's name."""

    stores: Stores
    key_by_id: KeyById

    def __call__(self, school: str, person_id: str) -> str:
        """The name; a stand-in's is the login.

        NotFoundError for no person of this school, GoneError after erasure.
        """
        store = self.stores.of(school)
        person = store.get(Person, person_id)
        if person.merged_into is not None:
            person = store.get(Person, person.merged_into)
        key = self.key_by_id(school, person.key_id)
        return open_name(key, person.sealed_name)
