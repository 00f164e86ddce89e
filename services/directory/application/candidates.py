"""A row of a roster with the ids that follow from it, and whose its keys are."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.directory.application.ports import HeldKey
from services.directory.domain import ids
from services.directory.domain.identity import identity_mark, normalise_login, person_mark
from services.directory.domain.roster import Problem, Row


@dataclass(frozen=True)
class Candidate:
    """A sound row with the ids that follow from it. ``logins`` are by their identity's key id."""

    index: int
    row: Row
    mark: str
    person_id: str
    logins: dict[str, str]

    @property
    def owners(self) -> dict[str, str]:
        """Whose each of the row's keys must be."""
        return dict.fromkeys((self.mark, *self.logins), self.person_id)

    def foreign(self, keys: Mapping[str, HeldKey]) -> list[tuple[str, str]]:
        """Key id and login of the identities whose keys still belong to their stand-ins."""
        return [
            (key_id, login)
            for key_id, login in self.logins.items()
            if keys[key_id].owner_id != self.person_id
        ]


def candidate_of(school: str, secret: bytes, index: int, row: Row) -> Candidate:
    """The candidate of a sound row."""
    mark = person_mark(secret, row.sourced_id)
    logins = {identity_mark(secret, login): normalise_login(login) for login in row.logins}
    return Candidate(index, row, mark, str(ids.person_id(school, mark)), logins)


def conflict_of(school: str, candidate: Candidate, keys: Mapping[str, HeldKey]) -> Problem | None:
    """Why the row can't have its keys: destroyed, or somebody else's."""
    own = keys.get(candidate.mark)
    if own is not None and own.key is None:
        return Problem(candidate.index, "sourced_id", "the person was erased")
    for key_id in candidate.logins:
        held = keys.get(key_id)
        if held is None:
            continue
        if held.key is None:
            return Problem(candidate.index, "logins", "a login's person was erased")
        stand_in = str(ids.provisional_id(school, key_id))
        if held.owner_id not in (candidate.person_id, stand_in):
            return Problem(candidate.index, "logins", "a login belongs to somebody else")
    return None
