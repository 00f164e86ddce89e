"""Every view that is built from a store's events: whose it is, and where its rows are."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pymongo.database import Database

from chassis.store.documents import Document
from chassis.store.projector import Projection


@dataclass(frozen=True)
class View:
    """A projection of a role. Its module names the one collection that it fills."""

    role: str
    module: str
    class_name: str
    makes_indexes: bool = False

    @property
    def name(self) -> str:
        """Its file's name, which is the question it answers."""
        return self.module.rpartition(".")[2]

    @property
    def collection(self) -> str:
        """Where its rows are."""
        return str(import_module(self.module).COLLECTION)

    def projection(self, database: Database[Document]) -> Projection:
        """The projection. Raises ImportError where the role can't be read."""
        made: Any = getattr(import_module(self.module), self.class_name)
        projection: Projection = made(database) if self.makes_indexes else made()
        return projection


_ALERTING = "services.alerting.projections"
_DIRECTORY = "services.directory.projections"
_INCIDENTS = "services.policy.incidents.projections"

VIEWS = (
    View("alerting", f"{_ALERTING}.escalations_of_incident", "EscalationsOfIncident"),
    View("directory", f"{_DIRECTORY}.devices", "Devices"),
    View("directory", f"{_DIRECTORY}.people", "People"),
    View("directory", f"{_DIRECTORY}.school_list", "SchoolList"),
    View("directory", f"{_DIRECTORY}.users_by_role", "UsersByRole"),
    View("incidents", f"{_INCIDENTS}.incident_inbox", "IncidentInbox", makes_indexes=True),
)
"""A test holds this against the services' projections."""
