"""A collection's handles with the concerns this store needs, whatever the client's defaults are."""

from dataclasses import dataclass

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from chassis.store.documents import Document

JOURNALED = WriteConcern(w="majority", j=True, wtimeout=5000)
"""What an acknowledgement means; after five seconds the outcome counts as unknown."""

MAJORITY = ReadConcern("majority")

_CODEC: CodecOptions[Document] = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)


@dataclass(frozen=True)
class Handles:
    """One collection, for writing and for two ways of reading, always from the primary.

    ``newest`` may show what a failover takes back; ``settled`` shows only what stays.
    ``plain`` carries no concern: a transaction brings its own.
    """

    name: str
    client: MongoClient[Document]
    write: Collection[Document]
    newest: Collection[Document]
    settled: Collection[Document]
    plain: Collection[Document]


def handles(database: Database[Document], name: str) -> Handles:
    """The handles of collection ``name``."""
    plain = database.get_collection(
        name,
        codec_options=_CODEC,
        read_preference=ReadPreference.PRIMARY,
        write_concern=WriteConcern(),
        read_concern=ReadConcern(),
    )
    return Handles(
        name=name,
        client=database.client,
        write=plain.with_options(write_concern=JOURNALED),
        newest=plain.with_options(read_concern=ReadConcern("local")),
        settled=plain.with_options(read_concern=MAJORITY),
        plain=plain,
    )
