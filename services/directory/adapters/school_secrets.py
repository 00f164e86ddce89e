"""Each school's secret for marks, in MongoDB, wrapped under the master key."""

import secrets
from contextlib import suppress

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chassis.errors import NotFoundError
from chassis.sealing import KEY_BYTES, SealKey
from chassis.store.documents import Document
from chassis.store.handles import handles
from chassis.tenancy import scoped


class SchoolSecrets:
    """Blocking. A secret never changes, so it is read once by each process."""

    def __init__(self, database: Database[Document], master: SealKey) -> None:
        self._secrets = handles(database, "school_secrets")
        self._master = master
        self._known: dict[str, bytes] = {}

    def create(self, school: str) -> None:
        """Make the secret unless there is one."""
        wrapped = self._master.seal(secrets.token_bytes(KEY_BYTES), _place(school))
        with suppress(DuplicateKeyError):
            self._secrets.write.insert_one({"_id": school, "tenant": school, "wrapped": wrapped})

    def of(self, school: str) -> bytes:
        """The secret; NotFoundError for an unknown school."""
        known = self._known.get(school)
        if known is None:
            found = self._secrets.settled.find_one(scoped(school, {"_id": school}))
            if found is None:
                raise NotFoundError("no_school", "there is no such school")
            known = self._master.open(bytes(found["wrapped"]), _place(school))
            self._known[school] = known
        return known


def _place(school: str) -> str:
    return f"directory.school_secret|{school}"
