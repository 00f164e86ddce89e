"""What incidents is made of."""

import asyncio

from chassis.bus.bus import Bus
from chassis.bus.follow import Following, follow
from chassis.bus.keys import asked_key_ring
from chassis.service import Parts
from chassis.store.application import ShardedStore
from chassis.store.client import connect
from chassis.store.commands import CommandRunner
from chassis.store.projections import ProjectionRunner
from chassis.store.relay import Relay
from chassis.store.to_bus import BusStream, to_bus
from chassis.views import connect_views
from contracts.directory.v1.requests_pb2 import KeyByIdRequest, KeyResponse
from services.policy.incidents.adapters.inbox_reader import InboxReader
from services.policy.incidents.adapters.neighbours import CaptureContext, DirectoryNames
from services.policy.incidents.adapters.publisher import publish_incident
from services.policy.incidents.adapters.schools import SchoolCopy
from services.policy.incidents.application.acknowledge import Acknowledge
from services.policy.incidents.application.add_note import AddNote
from services.policy.incidents.application.close_incident import CloseIncident
from services.policy.incidents.application.gather_context import GatherContext
from services.policy.incidents.application.get_incident import GetIncident
from services.policy.incidents.application.join_finding import JoinFinding
from services.policy.incidents.application.list_incidents import ListIncidents
from services.policy.incidents.application.reveal import Reveal
from services.policy.incidents.application.store import IncidentsApplication, IncidentStore
from services.policy.incidents.entrypoints.answers import answers
from services.policy.incidents.entrypoints.messages import messages
from services.policy.incidents.projections.incident_inbox import IncidentInbox
from services.policy.incidents.settings import Settings

ROLE = "incidents"


async def bootstrap(settings: Settings, bus: Bus) -> Parts:
    """Put the parts together."""
    password = settings.mongodb_password.get_secret_value()
    client = connect(settings.mongodb_url, username=ROLE, password=password, authSource="admin")
    reading = connect_views(settings.mongodb_url, ROLE, password)
    database = client[settings.mongodb_database]
    runner = CommandRunner()
    store = ShardedStore(client, settings.mongodb_database, IncidentsApplication)
    schools, following = SchoolCopy(), Following()
    incidents = IncidentStore(store, runner, schools)
    inbox_view = await runner.run(IncidentInbox, database)
    projection = ProjectionRunner(store, inbox_view, runner, database)
    relay = Relay(
        store, publish_incident, to_bus(bus), runner, database, "incidents", BusStream(bus)
    )
    incidents.readers += [projection.notify, relay.notify]
    keys = asked_key_ring(bus, KeyResponse, by_id=KeyByIdRequest)
    inbox = ListIncidents(incidents, InboxReader(reading[settings.mongodb_database]), projection)
    gather = GatherContext(CaptureContext(bus), keys, settings.context_each_side)
    join = JoinFinding(incidents, gather, settings.join_within_days)

    async def follow_directory(stop: asyncio.Event) -> None:
        await follow(
            bus, "DIRECTORY", "directory.*.school.*", schools.learn, stop, following=following
        )

    async def close() -> None:
        await asyncio.to_thread(runner.close)
        client.close()
        await reading.close()

    table = messages(join)
    return Parts(
        answers=answers(
            inbox,
            GetIncident(incidents, keys, inbox),
            Acknowledge(incidents),
            AddNote(incidents, keys),
            CloseIncident(incidents, keys),
            Reveal(incidents, keys, DirectoryNames(bus)),
        ),
        consumers=[(d, table) for d in bus.registry.durables if d.role == ROLE],
        tasks=(
            ("directory copy", follow_directory),
            ("inbox", projection.run),
            ("relay", relay.run),
        ),
        ready={
            "directory copy": following.caught_up.is_set,
            "inbox": lambda: projection.healthy,
            "relay": lambda: relay.healthy,
        },
        closing=(close,),
    )
