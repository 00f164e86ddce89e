"""A store that is away means "later", never a dead letter."""

from collections.abc import Sequence

import pytest

from chassis.errors import TransientError
from chassis.store.application import ShardedStore
from chassis.store.client import connect
from chassis.store.commands import CommandRunner
from services.alerting.application.desk import Desk
from services.alerting.application.get_plan import terms_of
from services.alerting.application.outcome import Alerting


class OneSchool:
    loaded = True

    def schools(self) -> Sequence[str]:
        return ["school"]

    def shard_of(self, _tenant: str) -> int:
        return 0

    async def know(self, _tenant: str) -> None:
        return None

    def time_zone_of(self, _tenant: str) -> str:
        return "Europe/London"

    def on_duty(self, _tenant: str, _role: str) -> str | None:
        return None

    def has_left(self, _tenant: str, _user_id: str) -> bool:
        return False


async def test_a_command_is_to_be_tried_again_while_mongodb_is_away() -> None:
    # Port 1 of the loopback: nothing listens.
    client = connect("mongodb://127.0.0.1:1", serverSelectionTimeoutMS=200)
    runner = CommandRunner(1)
    desk = Desk(ShardedStore(client, "vigil_alerting", Alerting), runner, OneSchool())
    with pytest.raises(TransientError) as away:
        await desk.ask("school", terms_of, "school")
    assert away.value.slug == "store_away"
    runner.close()
    client.close()
