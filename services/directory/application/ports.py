"""What the directory's commands need of the world outside; adapters fill it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chassis.errors import GoneError
from chassis.sealing import SealKey


@dataclass(frozen=True)
class HeldKey:
    """A key as the vault has it; ``key`` is None once it was destroyed."""

    key_id: str
    owner_id: str
    key: SealKey | None

    def usable(self) -> SealKey:
        """The key; GoneError for a destroyed one."""
        if self.key is None:
            raise GoneError("key_destroyed", "the person was erased and their key destroyed")
        return self.key


class Vault(Protocol):
    """Every person's keys. Blocking; a destroyed key is never made anew."""

    def find(self, school: str, key_ids: Sequence[str]) -> dict[str, HeldKey]:
        """Those of the keys that exist in this school."""
        ...

    def claim(self, school: str, owners: Mapping[str, str]) -> dict[str, HeldKey]:
        """All the keys; those missing are made for the owner given (key id → person)."""
        ...

    def hand_over(self, school: str, owners: Mapping[str, str]) -> None:
        """Give each key to the owner given, if it still belongs to its identity's stand-in."""
        ...


class Secrets(Protocol):
    """Each school's secret for marks. Blocking."""

    def create(self, school: str) -> None:
        """Make the secret unless there is one."""
        ...

    def of(self, school: str) -> bytes:
        """The secret; NotFoundError for an unknown school."""
        ...


class Places(Protocol):
    """Which shard each school got. Blocking."""

    def place(self, school: str) -> int:
        """The shard of the school, chosen now unless it was before."""
        ...

    def shard_of(self, school: str) -> int:
        """The shard; NotFoundError for an unknown school."""
        ...


@dataclass(frozen=True)
class SchoolRow:
    """A school as the list shows it."""

    state: bytes
    """A SchoolState."""
    name: str
    people: int
    devices: int


class Views(Protocol):
    """Rows built from events. Each answer shows what was written before it was asked for.

    Raises TransientError when the rows are behind for too long.
    """

    async def schools(self) -> list[SchoolRow]:
        """All schools by slug."""
        ...

    async def users(self, school: str, role: str) -> list[bytes]:
        """The UserState of each active user, first added first; all roles for an empty one."""
        ...
