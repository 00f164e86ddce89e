"""Table of contents: what reporting is made of, and the only place where its parts meet."""

import asyncio

from chassis.bus.bus import Bus
from chassis.bus.follow import Following, follow
from chassis.service import Parts
from services.reporting.adapters.database import client, database
from services.reporting.adapters.facts import MongoFacts
from services.reporting.application.time_zones import TimeZones
from services.reporting.entrypoints import messages
from services.reporting.entrypoints.answers import answers
from services.reporting.settings import Settings

SCHOOLS = "directory.*.school.*"


async def bootstrap(settings: Settings, bus: Bus) -> Parts:
    """Two streams in, one fact document an incident, one summary out."""
    connection = client(settings)
    facts = MongoFacts(database(connection, settings.mongodb_database))
    await facts.prepare()
    directory = Following()
    zones = TimeZones(directory.caught_up)

    async def follow_schools(stop: asyncio.Event) -> None:
        await follow(bus, "DIRECTORY", SCHOOLS, messages.schools(zones), stop, following=directory)

    durables = {durable.name: durable for durable in bus.registry.durables}
    return Parts(
        answers=answers(facts),
        consumers=[
            (durables["reporting-incidents"], messages.incidents(facts, zones)),
            (durables["reporting-alerts"], messages.alerts(facts)),
        ],
        tasks=[("schools", follow_schools)],
        ready={"schools": directory.caught_up.is_set},
        closing=[connection.close],
    )
