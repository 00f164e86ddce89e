"""An existing key, for who must open what it sealed."""

from dataclasses import dataclass

from chassis.errors import NotFoundError
from chassis.sealing import SealKey
from services.directory.application.ports import Vault


@dataclass(frozen=True)
class KeyById:
    """Only within the school that the caller speaks for."""

    vault: Vault

    def __call__(self, school: str, key_id: str) -> SealKey:
        """The key. NotFoundError if the school has no such key, GoneError if destroyed."""
        held = self.vault.find(school, [key_id]).get(key_id)
        if held is None:
            raise NotFoundError("no_key", "this school has no key with this id")
        return held.usable()
