"""The key of an identity, made at first use."""

from dataclasses import dataclass
from datetime import datetime

from chassis.sealing import SealKey
from services.directory.application.directory import Stores
from services.directory.application.ports import Secrets, Vault
from services.directory.application.sealed import seal_name
from services.directory.domain import ids
from services.directory.domain.identity import identity_mark, normalise_login
from services.directory.domain.person import Person


@dataclass(frozen=True)
class KeyForIdentity:
    """An identity that no roster has named belongs to a stand-in, whose name is the login."""

    stores: Stores
    vault: Vault
    secrets: Secrets

    def __call__(self, school: str, login: str, at: datetime) -> SealKey:
        """The key and its owner. InvalidError for a login that is none, GoneError if destroyed."""
        store = self.stores.of(school)
        key_id = identity_mark(self.secrets.of(school), login)
        stand_in = ids.provisional_id(school, key_id)
        key = self.vault.claim(school, {key_id: str(stand_in)})[key_id].usable()
        # Looked up although the key may be old: a crash may have come between key and person.
        if key.owner_id == str(stand_in) and store.find(Person, stand_in) is None:
            store.save(
                Person.stand_in(
                    stand_in,
                    school_id=school,
                    key_id=key_id,
                    sealed_name=seal_name(key, normalise_login(login)),
                    at=at,
                )
            )
        return key
