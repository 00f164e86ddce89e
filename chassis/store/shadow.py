"""The collections a rebuilt view is written into, beside the live ones that readers see."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure

from chassis.store.documents import Document
from chassis.store.errors import RebuildError
from chassis.store.handles import JOURNALED
from chassis.store.hold import shadow_name

_NAMESPACE_NOT_FOUND = 26
_SHOWN = 5
_CODEC: CodecOptions[Document] = CodecOptions()


class _OtherRows(Database[Document]):
    """The same database, in which a projection's collections have other names."""

    def __init__(self, database: Database[Document], names: Mapping[str, str]) -> None:
        super().__init__(database.client, database.name, database.codec_options)
        self._names = names

    def __getitem__(self, name: str) -> Collection[Document]:
        return super().__getitem__(self._other(name))

    def get_collection(self, name: str, *args: Any, **options: Any) -> Collection[Document]:
        return super().get_collection(self._other(name), *args, **options)

    def _other(self, name: str) -> str:
        try:
            return self._names[name]
        except KeyError:
            raise RebuildError(f"The projection uses {name}, which was not named.") from None


class Shadow:
    """New rows under new names, with the live ones' indexes."""

    def __init__(
        self, database: Database[Document], collections: Sequence[str], token: str
    ) -> None:
        self._database = database
        self._names = {name: shadow_name(name, token) for name in collections}
        self.rows = _OtherRows(database, self._names)
        self.collections = list(self._names.values())

    def create(self) -> None:
        """Make the collections and their indexes."""
        for name, other in self._names.items():
            made = self._database.create_collection(other)
            indexes = [
                {key: value for key, value in index.items() if key not in ("v", "ns")}
                for index in self._database[name].list_indexes()
                if index["name"] != "_id_"
            ]
            if indexes:
                self._database.command("createIndexes", made.name, indexes=indexes)

    def count(self) -> int:
        """About how many rows there are."""
        return sum(self._database[name].estimated_document_count() for name in self.collections)

    def touch(self, session: ClientSession) -> None:
        """Fix the moment that a snapshot session sees."""
        self._database[self.collections[0]].find_one({}, {"_id": 1}, session=session)

    def compare(self, session: ClientSession) -> int:
        """How many rows there are; RebuildError unless they equal the live ones."""
        rows, different = 0, list[str]()
        for name, other in self._names.items():
            for live, built in zip_longest(self._raw(name, session), self._raw(other, session)):
                rows += 1
                if live is None or built is None or not _same(live, built):
                    different.append(f"{name} {(live or built)['_id']}")
                    if len(different) == _SHOWN:
                        raise RebuildError(_story(different, "or more "))
        if different:
            raise RebuildError(_story(different))
        return rows

    def put_in_place(self) -> None:
        """Rename over the live collections, each in one step. RebuildError if one is gone."""
        for name, other in self._names.items():
            new = self._database.get_collection(other, write_concern=JOURNALED)
            try:
                new.rename(name, dropTarget=True)
            except OperationFailure as error:
                if error.code != _NAMESPACE_NOT_FOUND:
                    raise
                raise RebuildError("The hold was ended by another; nothing was lost.") from None

    def _raw(self, name: str, session: ClientSession) -> Any:
        raw: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
        collection = self._database.get_collection(name, codec_options=raw)
        return collection.find({}, session=session, sort=[("_id", 1)], batch_size=1000)


def _same(live: RawBSONDocument, built: RawBSONDocument) -> bool:
    if live.raw == built.raw:
        return True
    # Rows that were written in other batches may have their fields in another order.
    return dict(live) == dict(built)


def _story(different: Sequence[str], more: str = "") -> str:
    return f"{len(different)} {more}rows differ from the live view: {', '.join(different)}."
