"""The ACTIVITY stream: store a batch; read a device's batches around one."""

import json
from collections.abc import AsyncIterator, Sequence

from nats.aio.msg import Msg

from chassis.bus import headers as h
from chassis.bus.bus import Bus, Stored
from chassis.bus.proof import believable
from chassis.errors import NotFoundError, TransientError
from chassis.tenancy import subject
from contracts.capture.v1.capture_pb2 import ActivityBatch, CoverageChanged

STREAM = "ACTIVITY"
PAGE = 100
REACHES = (256, 4_096, 65_536)
"""How far back to look, in batches of all devices, until enough of this one are found."""
WAIT_S = 2.0


class ActivityStream:
    """Through the bus of the role capture."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def store(self, batch: ActivityBatch, tenant: str, keep_s: float) -> Stored:
        """Store a sealed batch. The same batch id within two minutes is stored once."""
        return await self._bus.publish(
            batch,
            tenant=tenant,
            message_id=f"{batch.device_id}:{batch.batch_id}",
            ttl_s=keep_s,
            device=batch.device_id,
        )

    async def say_coverage(self, change: CoverageChanged, tenant: str) -> None:
        """Publish that a device fell silent or was heard again."""
        await self._bus.publish(
            change,
            tenant=tenant,
            message_id=f"{change.device_id}:{change.state}:{change.last_seen_ms}",
            device=change.device_id,
        )

    async def around(
        self, tenant: str, device_id: str, sequence: int, each_side: int, key_id: str
    ) -> Sequence[ActivityBatch]:
        """The batches of one identity on one device around a sequence, in stream order."""
        event = self._bus.registry.by_message[ActivityBatch]
        own = subject(event.subject, tenant, device=device_id)
        before: list[ActivityBatch] = []
        after: list[ActivityBatch] = []
        for reach in REACHES:
            before, after = [], []
            start = max(1, sequence - reach)
            async for number, batch in self._from(own, start):
                if batch.key_id != key_id:
                    continue
                (before if number < sequence else after).append(batch)
                if len(after) > each_side:
                    break
            if len(before) >= each_side or start == 1:
                break
        if not after and not before:
            raise NotFoundError("no_activity", "the activity has expired")
        # The batch in the middle is the first of ``after``.
        return [*before[-each_side:], *after[: each_side + 1]]

    async def _from(self, own: str, start: int) -> AsyncIterator[tuple[int, ActivityBatch]]:
        publishers = self._bus.registry.by_message[ActivityBatch].publishers
        while True:
            page = await self._page(own, start)
            for message in page:
                headers = message.headers or {}
                number = int(headers[h.SEQUENCE])
                # What evaluation refused must not stand in the way of what is around it.
                if believable(self._bus.verifier, publishers, own, headers, message.data):
                    yield number, ActivityBatch.FromString(message.data)
                start = number + 1
            if len(page) < PAGE:
                return

    async def _page(self, own: str, start: int) -> list[Msg]:
        # nats-py has no call for a batched direct get; the answer ends with a 204 (ADR-31).
        nc = self._bus.nc
        inbox = nc.new_inbox()
        subscription = await nc.subscribe(inbox)
        request = {"batch": PAGE, "seq": start, "next_by_subj": own}
        page: list[Msg] = []
        try:
            await nc.publish(
                f"$JS.API.DIRECT.GET.{STREAM}", json.dumps(request).encode(), reply=inbox
            )
            while True:
                message = await subscription.next_msg(timeout=WAIT_S)
                if (message.headers or {}).get("Status"):
                    return page
                page.append(message)
        except TimeoutError:
            raise TransientError("nats_away", "activity could not be read; try again") from None
        finally:
            await subscription.unsubscribe()
