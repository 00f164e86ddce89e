"""What capture is made of."""

import asyncio

from chassis.bus.bus import Bus
from chassis.bus.follow import Following, follow
from chassis.bus.keys import asked_key_ring
from chassis.service import Parts
from chassis.views import connect_views
from contracts.directory.v1.requests_pb2 import KeyForIdentityRequest, KeyResponse
from services.capture.adapters.activity_stream import ActivityStream
from services.capture.adapters.coverage_ledger import CoverageLedger
from services.capture.adapters.devices import Devices
from services.capture.application.accept_batch import AcceptBatch
from services.capture.application.context_around import ContextAround
from services.capture.application.find_silent import FindSilent
from services.capture.application.list_coverage import ListCoverage
from services.capture.entrypoints.answers import answers
from services.capture.entrypoints.http import create_app
from services.capture.settings import Settings


async def bootstrap(settings: Settings, bus: Bus) -> Parts:
    """Put the parts together."""
    client = connect_views(
        settings.mongodb_url, "capture", settings.mongodb_password.get_secret_value()
    )
    ledger = CoverageLedger(client[settings.mongodb_database])
    devices, following = Devices(), Following()
    keys = asked_key_ring(bus, KeyResponse, for_identity=KeyForIdentityRequest)
    stream = ActivityStream(bus)
    accept = AcceptBatch(keys, stream, devices)
    silent = FindSilent(ledger, devices, stream, settings.silent_after_s)

    async def follow_directory(stop: asyncio.Event) -> None:
        await follow(bus, "DIRECTORY", "directory.>", devices.learn, stop, following=following)

    return Parts(
        answers=answers(
            ContextAround(stream), ListCoverage(ledger, devices, settings.silent_after_s)
        ),
        tasks=(
            ("directory copy", follow_directory),
            ("coverage ledger", ledger.keep),
            ("silent devices", silent.every(settings.coverage_every_s)),
        ),
        http=create_app(devices, accept, ledger),
        ready={"directory copy": following.caught_up.is_set},
        closing=(client.close,),
    )
