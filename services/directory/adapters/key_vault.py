"""Every person's keys in MongoDB, wrapped under the master key.

A document a key: ``{_id: key id, tenant, person_id, wrapped, state}``. The document of a destroyed
key stays as a tombstone, so that inserting can't revive it.
"""

import secrets
from collections.abc import Mapping, Sequence

from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from chassis.sealing import KEY_BYTES, SealKey
from chassis.store.documents import Document
from chassis.store.errors import DUPLICATE_KEY, StoreAwayError
from chassis.store.handles import handles
from chassis.tenancy import scoped
from services.directory.application.ports import HeldKey
from services.directory.domain import ids

_LIVE = "live"


class KeyVault:
    """Blocking; safe for use from many threads and processes."""

    def __init__(self, database: Database[Document], master: SealKey) -> None:
        self._keys = handles(database, "keys")
        self._master = master

    def find(self, school: str, key_ids: Sequence[str]) -> dict[str, HeldKey]:
        """Those of the keys that exist in this school."""
        found = self._keys.settled.find(scoped(school, {"_id": {"$in": list(key_ids)}}))
        return {document["_id"]: self._held(document) for document in found}

    def claim(self, school: str, owners: Mapping[str, str]) -> dict[str, HeldKey]:
        """All the keys; those missing are made for the owner given (key id → person).

        Raises StoreAwayError when it is not known whether a new key is stored for good.
        """
        held = self.find(school, list(owners))
        missing = [key_id for key_id in owners if key_id not in held]
        if missing:
            self._insert(school, {key_id: owners[key_id] for key_id in missing})
            # Read again: somebody else may have been faster, and then theirs is the key.
            held |= self.find(school, missing)
        return held

    def hand_over(self, school: str, owners: Mapping[str, str]) -> None:
        """Give each key to the owner given, if it still belongs to its identity's stand-in."""
        self._keys.write.bulk_write(
            [
                UpdateOne(
                    scoped(
                        school,
                        {"_id": key_id, "person_id": str(ids.provisional_id(school, key_id))},
                    ),
                    {"$set": {"person_id": owner}},
                )
                for key_id, owner in owners.items()
            ],
            ordered=False,
        )

    def _insert(self, school: str, owners: Mapping[str, str]) -> None:
        documents = [
            {
                "_id": key_id,
                "tenant": school,
                "person_id": owner,
                "wrapped": self._master.seal(
                    secrets.token_bytes(KEY_BYTES), _place(school, key_id)
                ),
                "state": _LIVE,
            }
            for key_id, owner in owners.items()
        ]
        try:
            self._keys.write.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            refusals = error.details.get("writeErrors", ())
            if error.details.get("writeConcernErrors"):
                raise StoreAwayError from None
            if any(refusal["code"] != DUPLICATE_KEY for refusal in refusals):
                raise

    def _held(self, document: Document) -> HeldKey:
        key_id, owner, school = document["_id"], document["person_id"], document["tenant"]
        if document["state"] != _LIVE:
            return HeldKey(key_id, owner, None)
        key = self._master.open(bytes(document["wrapped"]), _place(school, key_id))
        return HeldKey(key_id, owner, SealKey(key_id, owner, key))


def _place(school: str, key_id: str) -> str:
    return f"directory.key|{school}|{key_id}"
