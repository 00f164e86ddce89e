"""What evaluation is made of."""

import asyncio

from chassis.bus.bus import Bus
from chassis.bus.follow import Following, follow
from chassis.bus.keys import asked_key_ring
from chassis.service import Parts
from chassis.store.application import ShardedStore
from chassis.store.client import connect
from chassis.store.commands import CommandRunner
from chassis.store.relay import Relay
from chassis.store.to_bus import BusStream, to_bus
from contracts.directory.v1.requests_pb2 import KeyByIdRequest, KeyResponse
from services.policy.evaluation.adapters.findings import FindingsStream
from services.policy.evaluation.adapters.policy_copy import PolicyCopy
from services.policy.evaluation.adapters.publisher import publish_policy
from services.policy.evaluation.adapters.roster_copy import RosterCopy
from services.policy.evaluation.application.evaluate_batch import EvaluateBatch
from services.policy.evaluation.application.policies import Policies, PoliciesApplication
from services.policy.evaluation.entrypoints.answers import answers
from services.policy.evaluation.entrypoints.messages import messages
from services.policy.evaluation.settings import Settings

ROLE = "evaluation"


async def bootstrap(settings: Settings, bus: Bus) -> Parts:
    """Put the parts together."""
    password = settings.mongodb_password.get_secret_value()
    client = connect(settings.mongodb_url, username=ROLE, password=password, authSource="admin")
    runner = CommandRunner(workers=4)
    store = ShardedStore(client, settings.mongodb_database, PoliciesApplication)
    roster, in_force = RosterCopy(), await asyncio.to_thread(PolicyCopy)
    policies = Policies(store, runner, roster)
    relay = Relay(
        store,
        publish_policy,
        to_bus(bus),
        runner,
        client[settings.mongodb_database],
        "policies",
        BusStream(bus),
    )
    policies.readers.append(relay.notify)
    keys = asked_key_ring(bus, KeyResponse, by_id=KeyByIdRequest)
    evaluate = EvaluateBatch(keys, roster, in_force, FindingsStream(bus))
    directory, published = Following(), Following()

    async def follow_directory(stop: asyncio.Event) -> None:
        await follow(bus, "DIRECTORY", "directory.>", roster.learn, stop, following=directory)

    async def follow_policies(stop: asyncio.Event) -> None:
        await follow(bus, "POLICIES", "policies.*", in_force.learn, stop, following=published)

    async def close() -> None:
        await asyncio.to_thread(runner.close)
        client.close()

    table = messages(evaluate)
    return Parts(
        answers=answers(policies),
        consumers=[(d, table) for d in bus.registry.durables if d.role == ROLE],
        tasks=(
            ("directory copy", follow_directory),
            ("policy copy", follow_policies),
            ("relay", relay.run),
        ),
        ready={
            "directory copy": directory.caught_up.is_set,
            "policy copy": published.caught_up.is_set,
            "relay": lambda: relay.healthy,
        },
        closing=(close,),
    )
