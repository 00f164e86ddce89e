"""Import a page of a roster: what is sound is taken, the rest is answered row by row."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from eventsourcing.persistence import IntegrityError

from chassis.errors import InvalidError
from services.directory.application.candidates import Candidate, candidate_of, conflict_of
from services.directory.application.directory import SchoolStore, Stores
from services.directory.application.ports import HeldKey, Secrets, Vault
from services.directory.application.sealed import open_name, seal_name
from services.directory.domain import ids
from services.directory.domain.person import Person
from services.directory.domain.roster import MAX_ROWS, Problem, Row, sift

RETRIES = 5
"""Of one commit whose people others change at the same time; then of the whole page."""
PEOPLE_A_COMMIT = 10
"""A commit takes 1-10 ms whatever it holds, but is read whole to load any one of its people: with
100 a commit loading was half as fast, with 1 importing took five times as long (measured)."""


@dataclass
class Imported:
    """How many people the page created, changed and left as they were; what was left out."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class ImportPeople:
    """The same row twice changes nothing; a page lost half way is repeated as a whole."""

    stores: Stores
    vault: Vault
    secrets: Secrets

    def __call__(self, school: str, rows: Sequence[Row], at: datetime) -> Imported:
        """What became of the rows. InvalidError for an empty or too long page."""
        if not 1 <= len(rows) <= MAX_ROWS:
            raise InvalidError("bad_page", f"rows must be 1 to {MAX_ROWS} a request")
        store = self.stores.of(school)
        sound, problems = sift(rows)
        done = Imported(problems=problems)
        secret = self.secrets.of(school)
        candidates = [candidate_of(school, secret, i, row) for i, row in sound.items()]
        known = self.vault.find(school, [k for c in candidates for k in c.owners])
        # Refused before any key is made, so that no refused row leaves a key behind.
        candidates = self._admit(school, candidates, known, done)
        wanted = {key: owner for c in candidates for key, owner in c.owners.items()}
        keys = self.vault.claim(school, wanted) if wanted else {}
        candidates = self._admit(school, candidates, keys, done)
        for start in range(0, len(candidates), PEOPLE_A_COMMIT):
            some = candidates[start : start + PEOPLE_A_COMMIT]
            _import(store, some, keys, known.keys(), done, at)
        taken_over = {key: c.person_id for c in candidates for key, _ in c.foreign(keys)}
        # Last: if this is lost, the next import of the row finds it undone and does it.
        if taken_over:
            self.vault.hand_over(school, taken_over)
        done.problems.sort(key=lambda problem: problem.index)
        return done

    def _admit(
        self,
        school: str,
        candidates: Sequence[Candidate],
        keys: dict[str, HeldKey],
        done: Imported,
    ) -> list[Candidate]:
        """Those whose keys are theirs to have; the others become problems."""
        admitted = []
        for candidate in candidates:
            problem = conflict_of(school, candidate, keys)
            if problem is None:
                admitted.append(candidate)
            else:
                done.problems.append(problem)
        return admitted


def _import(
    store: SchoolStore,
    candidates: Sequence[Candidate],
    keys: dict[str, HeldKey],
    old_keys: AbstractSet[str],
    done: Imported,
    at: datetime,
) -> None:
    """Save what some rows change, in one commit, and count it."""
    for attempt in range(RETRIES + 1):
        outcomes: Counter[str] = Counter()
        changed: list[Person] = []
        for candidate in candidates:
            # A person's key is older than the person: who had none needs no looking for. Whoever
            # was recorded since makes the commit fail, and is looked for then.
            new = attempt == 0 and candidate.mark not in old_keys
            person, created = _recorded(store, candidate, keys, at, new=new)
            people = [person, *_merged(store, candidate, keys, at)]
            outcomes["created" if created else _outcome(person)] += 1
            changed += [one for one in people if one.pending_events]
        try:
            store.save(*changed)
        except IntegrityError:
            # Another import of the same rows, or an identity's first activity, was faster.
            if attempt == RETRIES:
                raise
            continue
        done.created += outcomes["created"]
        done.changed += outcomes["changed"]
        done.unchanged += outcomes["unchanged"]
        return


def _outcome(person: Person) -> str:
    return "changed" if person.pending_events else "unchanged"


def _recorded(
    store: SchoolStore,
    candidate: Candidate,
    keys: dict[str, HeldKey],
    at: datetime,
    *,
    new: bool,
) -> tuple[Person, bool]:
    """The person as the row has them, and whether they are new."""
    row, key = candidate.row, keys[candidate.mark].usable()
    id_ = ids.person_id(store.school, candidate.mark)
    person = None if new else store.find(Person, id_)
    created = person is None
    if person is None:
        person = Person.record(
            id_,
            school_id=store.school,
            key_id=candidate.mark,
            sealed_name=seal_name(key, row.name),
            facts=row.facts,
            at=at,
        )
    else:
        same = open_name(key, person.sealed_name) == row.name
        person.update(row.facts, None if same else seal_name(key, row.name), at)
    for key_id in candidate.logins:
        person.link(key_id, at)
    return person, created


def _merged(
    store: SchoolStore, candidate: Candidate, keys: dict[str, HeldKey], at: datetime
) -> list[Person]:
    """The stand-ins of the row's identities, merged into its person."""
    stand_ins = []
    for key_id, login in candidate.foreign(keys):
        id_ = ids.provisional_id(store.school, key_id)
        # Made if its own making was lost, or is under way elsewhere: that then loses the race.
        stand_in = store.find(Person, id_) or Person.stand_in(
            id_,
            school_id=store.school,
            key_id=key_id,
            sealed_name=seal_name(keys[key_id].usable(), login),
            at=at,
        )
        stand_in.merge(ids.person_id(store.school, candidate.mark), at)
        stand_ins.append(stand_in)
    return stand_ins
