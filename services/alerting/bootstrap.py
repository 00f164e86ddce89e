"""What alerting is made of: read this first."""

from datetime import UTC, datetime
from typing import Any

from pymongo import AsyncMongoClient

from chassis.bus.bus import Bus
from chassis.service import Parts
from chassis.store.application import ShardedStore
from chassis.store.client import connect
from chassis.store.commands import CommandRunner
from chassis.store.projections import ProjectionRunner
from chassis.store.relay import Relay
from chassis.store.to_bus import BusStream, to_bus
from contracts.registry import DURABLES
from services.alerting.adapters.channels.email import EmailChannel
from services.alerting.adapters.contacts import DirectoryContacts
from services.alerting.adapters.directory import DirectoryCopy
from services.alerting.adapters.publisher import publication
from services.alerting.adapters.timers import NatsTimers
from services.alerting.application.courier import Courier
from services.alerting.application.desk import Desk
from services.alerting.application.follow_through import FollowThrough
from services.alerting.application.outcome import Alerting
from services.alerting.application.sweep import Sweeper
from services.alerting.entrypoints.answers import Answers
from services.alerting.entrypoints.messages import Messages
from services.alerting.projections.escalations_of_incident import (
    EscalationRows,
    EscalationsOfIncident,
)
from services.alerting.settings import Settings

DURABLE = {durable.name: durable for durable in DURABLES}


def _now() -> datetime:
    return datetime.now(UTC)


async def bootstrap(settings: Settings, bus: Bus) -> Parts:
    """Put the parts together."""
    login: dict[str, Any] = {
        "username": bus.role,
        "password": settings.mongodb_password.get_secret_value(),
        "authSource": "admin",
    }
    client = connect(settings.mongodb_url, **login)
    views: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        settings.mongodb_url, serverSelectionTimeoutMS=5000, socketTimeoutMS=10_000, **login
    )
    runner = CommandRunner()
    store = ShardedStore(client, settings.mongodb_database, Alerting)
    database = client[settings.mongodb_database]

    relay = Relay(store, publication, to_bus(bus), runner, database, "alerts", BusStream(bus))
    projection = ProjectionRunner(store, EscalationsOfIncident(), runner, database)
    rows = EscalationRows(views[settings.mongodb_database])
    await rows.prepare()

    directory = DirectoryCopy(bus)
    desk = Desk(store, runner, directory, committed=(relay.notify, projection.notify))
    channel = EmailChannel(
        host=settings.smtp_host,
        port=settings.smtp_port,
        starttls=settings.smtp_starttls,
        mail_from=settings.mail_from,
        link_base=settings.link_base,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
    )
    courier = Courier(desk, directory, DirectoryContacts(bus), channel)
    follow_through = FollowThrough(desk, NatsTimers(bus), courier)
    sweeper = Sweeper(desk, directory, follow_through, rows.open_ones, settings.sweep_every_s)
    messages = Messages(desk, directory, follow_through, settings.message_domain, _now)
    answers = Answers(desk, directory, rows, _now)

    async def close() -> None:
        runner.close()
        client.close()
        await views.close()

    return Parts(
        answers=answers.table(),
        consumers=(
            (DURABLE["alerting-incidents"], messages.incidents()),
            (DURABLE["alerting-timers"], messages.timers()),
        ),
        tasks=(
            ("directory", directory.run),
            ("relay", relay.run),
            ("projection", projection.run),
            ("follow-through", follow_through.run),
            ("sweeper", sweeper.run),
        ),
        ready={
            "directory": lambda: directory.loaded,
            "relay": lambda: relay.healthy,
            "projection": lambda: projection.healthy,
        },
        closing=(close,),
    )
