"""The library's own suites, inherited unchanged, on the MongoDB recorders."""

import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.tests.application import ApplicationTestCase, ExampleApplicationTestCase
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    InfrastructureFactoryTestCase,
    NonInterleavingNotificationIDsBaseCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)
from eventsourcing.utils import Environment
from pymongo import MongoClient

from chassis.store.aggregate_recorder import MongoAggregateRecorder
from chassis.store.application_recorder import MongoApplicationRecorder
from chassis.store.factory import MongoFactory
from chassis.store.handles import handles
from chassis.store.process_recorder import MongoProcessRecorder
from chassis.store.tracking_recorder import MongoTrackingRecorder
from tests.servers import Mongod


class OnMongo:
    """Gives a suite a database of its own, and the environment that leads there."""

    client: MongoClient[dict[str, Any]]
    database_name: str

    @pytest.fixture(autouse=True)
    def _on_mongo(
        self, mongod: Mongod, mongo: MongoClient[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[None]:
        self.client, self.database_name = mongo, f"suite_{uuid4().hex}"
        monkeypatch.setenv("PERSISTENCE_MODULE", "chassis.store")
        monkeypatch.setenv("MONGODB_URL", mongod.url)
        monkeypatch.setenv("MONGODB_DATABASE", self.database_name)
        self.env = Environment("Suite", dict(os.environ))
        yield
        mongo.drop_database(self.database_name)

    def handles(self, name: str) -> Any:
        return handles(self.client[self.database_name], name)


class TestAggregateRecorder(OnMongo, AggregateRecorderTestCase):
    def create_recorder(self) -> MongoAggregateRecorder:
        return MongoAggregateRecorder(self.handles("snapshots"))


class TestApplicationRecorder(OnMongo, ApplicationRecorderTestCase[MongoApplicationRecorder]):
    def create_recorder(self) -> MongoApplicationRecorder:
        return MongoApplicationRecorder(self.handles("commits"))

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestProcessRecorderAsApplicationRecorder(
    OnMongo, ApplicationRecorderTestCase[MongoProcessRecorder]
):
    def create_recorder(self) -> MongoProcessRecorder:
        return MongoProcessRecorder(self.handles("commits"), self.handles("tracking"))

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTrackingRecorder(OnMongo, TrackingRecorderTestCase):
    def create_recorder(self) -> MongoTrackingRecorder:
        return MongoTrackingRecorder(self.handles("tracking"))


class TestProcessRecorder(OnMongo, ProcessRecorderTestCase):
    def create_recorder(self) -> MongoProcessRecorder:
        return MongoProcessRecorder(self.handles("commits"), self.handles("tracking"))


class TestProcessRecorderAsTrackingRecorder(OnMongo, TrackingRecorderTestCase):
    def create_recorder(self) -> MongoProcessRecorder:
        return MongoProcessRecorder(self.handles("commits"), self.handles("tracking"))


class TestNonInterleaving(OnMongo, NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> MongoApplicationRecorder:
        return MongoApplicationRecorder(self.handles("commits"))


class OwnTrackingRecorder(MongoTrackingRecorder):
    pass


class TestFactory(OnMongo, InfrastructureFactoryTestCase[MongoFactory]):
    def expected_factory_class(self) -> type[MongoFactory]:
        return MongoFactory

    def expected_aggregate_recorder_class(self) -> type[MongoAggregateRecorder]:
        return MongoAggregateRecorder

    def expected_application_recorder_class(self) -> type[MongoApplicationRecorder]:
        return MongoApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[MongoTrackingRecorder]:
        return MongoTrackingRecorder

    def tracking_recorder_subclass(self) -> type[MongoTrackingRecorder]:
        return OwnTrackingRecorder

    def expected_process_recorder_class(self) -> type[MongoProcessRecorder]:
        return MongoProcessRecorder


class TestExampleApplication(OnMongo, ExampleApplicationTestCase):
    expected_factory_topic = "chassis.store.factory:MongoFactory"


@pytest.mark.filterwarnings("always::DeprecationWarning")
class TestApplication(OnMongo, ApplicationTestCase):
    pass


# pytest would collect the imported suites themselves, which are abstract.
del AggregateRecorderTestCase, ApplicationRecorderTestCase, ApplicationTestCase
del ExampleApplicationTestCase, InfrastructureFactoryTestCase
del NonInterleavingNotificationIDsBaseCase, ProcessRecorderTestCase, TrackingRecorderTestCase
