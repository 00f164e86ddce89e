"""One application per shard, all on one client: what services load from and save to."""

import base64
import re
import time
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, DomainEventProtocol
from eventsourcing.persistence import (
    InfrastructureFactory,
    JSONTranscoder,
    Recording,
    Transcoding,
)
from eventsourcing.utils import Environment, EnvType
from pymongo import MongoClient

from chassis.store.client import require_bounded
from chassis.store.documents import Document
from chassis.store.factory import MongoFactory
from chassis.store.handles import MAJORITY
from chassis.store.writer import DEADLINE_S

SHARDS = 64

_COLLECTION = "commits_{:02d}"
_COLLECTION_NAME = re.compile(r"commits_(\d{2})")

_HEADS_AGE_S = 0.05
_IN_USE_AGE_S = 1.0

TAggregate = TypeVar("TAggregate", bound=Aggregate)


class BytesAsBase64(Transcoding):
    """Lets events hold bytes, such as sealed fields."""

    type = bytes
    name = "bytes_base64"

    def encode(self, obj: bytes) -> str:
        """Base64 text."""
        return base64.b64encode(obj).decode("ascii")

    def decode(self, data: str) -> bytes:
        """The bytes again; ValueError if the text is damaged."""
        return base64.b64decode(data, validate=True)


class ShardApplication(Application[UUID]):
    """The base of every service's application.

    Constructed plainly it keeps its events in memory, for tests of pure commands; ``ShardedStore``
    gives it a factory on MongoDB. It reads no variable of the process environment.
    """

    def __init__(
        self,
        env: EnvType | None = None,
        *,
        make_factory: Callable[[Environment], InfrastructureFactory[Any]] | None = None,
    ) -> None:
        self._make_factory = make_factory
        super().__init__(env)

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """The class's settings and the given ones, nothing else."""
        return Environment(name, {**type(self).env, **(env or {})})

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """The given factory, or the library's in memory."""
        if self._make_factory is None:
            return super().construct_factory(env)
        return self._make_factory(env)

    def register_transcodings(self, transcoder: JSONTranscoder) -> None:
        """The library's types and bytes."""
        super().register_transcodings(transcoder)
        transcoder.register(BytesAsBase64())

    def load(self, aggregate_class: type[TAggregate], aggregate_id: UUID) -> TAggregate:
        """The aggregate as it is now.

        Raises AggregateNotFoundError if there is none, or one of another class, under that id.
        """
        aggregate = self.repository.get(aggregate_id, projector_func=_project)
        if not isinstance(aggregate, aggregate_class):
            raise AggregateNotFoundError(f"No {aggregate_class.__name__} {aggregate_id}.")
        return aggregate


def _project(
    aggregate: Aggregate | None, events: Iterable[DomainEventProtocol[UUID]]
) -> Aggregate | None:
    # The library's projector checks each event against a Protocol, slow on Python 3.11.
    for event in events:
        aggregate = event.mutate(aggregate)  # type: ignore[attr-defined]  # see above
    return aggregate


def position_of(recordings: Sequence[Recording[UUID]]) -> int:
    """The position after a ``save``: the notification id of its last event, 0 if it had none."""
    return recordings[-1].notification.id if recordings else 0


TApplication = TypeVar("TApplication", bound=ShardApplication)


class ShardedStore(Generic[TApplication]):
    """The applications of up to 64 shards in one database; shard ``n`` is ``commits_NN``.

    Safe to use from many threads. The client stays the caller's.
    """

    def __init__(
        self,
        client: MongoClient[Document],
        database: str,
        application_class: type[TApplication],
        *,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        require_bounded(client)
        self._database = client[database]
        self._application_class = application_class
        self._deadline_s = deadline_s
        self._shards: dict[int, TApplication] = {}
        self._lock = Lock()
        self._heads_lock = Lock()
        self._heads: dict[int, int] = {}
        self._heads_at = self._in_use_at = float("-inf")
        self._in_use: list[int] = []

    def shard(self, n: int) -> TApplication:
        """The application of shard ``n``; its collection and index are made on first use.

        Raises ValueError if there is no such shard.
        """
        if not 0 <= n < SHARDS:
            raise ValueError(f"Shards are numbered 0 to {SHARDS - 1}, not {n}.")
        with self._lock:
            if n not in self._shards:
                self._shards[n] = self._application_class(
                    make_factory=lambda env: MongoFactory(
                        env,
                        database=self._database,
                        collection=_COLLECTION.format(n),
                        deadline_s=self._deadline_s,
                    )
                )
            return self._shards[n]

    def shards_in_use(self) -> list[int]:
        """The shards that have a collection, in order."""
        names = self._database.list_collection_names(
            filter={"name": {"$regex": f"^{_COLLECTION_NAME.pattern}$"}}
        )
        found = (_COLLECTION_NAME.fullmatch(name) for name in names)
        return sorted(int(match[1]) for match in found if match)

    def heads(self) -> dict[int, int]:
        """The last position of every shard that has one, in one query for all of them.

        The answer may be a twentieth of a second old, so that many followers cost one query.
        """
        with self._heads_lock:
            now = time.monotonic()
            if now - self._heads_at > _HEADS_AGE_S:
                if now - self._in_use_at > _IN_USE_AGE_S:
                    self._in_use, self._in_use_at = self.shards_in_use(), now
                self._heads = self._read_heads(self._in_use)
                self._heads_at = time.monotonic()
            return self._heads

    def _read_heads(self, shards: Sequence[int]) -> dict[int, int]:
        if not shards:
            return {}
        first, *others = [(_COLLECTION.format(n), _head(n)) for n in shards]
        pipeline = [
            *first[1],
            *({"$unionWith": {"coll": name, "pipeline": head}} for name, head in others),
        ]
        collection = self._database[first[0]].with_options(read_concern=MAJORITY)
        return {found["n"]: found["head"] for found in collection.aggregate(pipeline)}


def _head(n: int) -> list[Document]:
    last = {"$subtract": [{"$add": ["$_id", "$k"]}, 1]}
    return [
        {"$sort": {"_id": -1}},
        {"$limit": 1},
        {"$project": {"_id": 0, "n": {"$literal": n}, "head": last}},
    ]
