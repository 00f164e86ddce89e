"""Gather what the person did around a finding, and seal it again as evidence."""

import logging

import msgspec

from chassis.errors import GoneError, InternalError, NotFoundError, TransientError
from chassis.sealing import KeyRing
from contracts.activity import Activity, Batch
from contracts.evaluation.v1.evaluation_pb2 import Finding
from services.policy.incidents.application.places import activity_place, context_place
from services.policy.incidents.application.ports import Context

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""An urgent incident must not wait for its context: after this many deliveries it opens without."""

_decode = msgspec.json.Decoder(Batch).decode


class GatherContext:
    """Activity lives for days, evidence for years: what is near is copied."""

    def __init__(self, context: Context, keys: KeyRing, each_side: int) -> None:
        self._context = context
        self._keys = keys
        self._each_side = each_side

    async def handle(self, school: str, finding: Finding, attempt: int) -> tuple[bytes, int]:
        """The sealed context and how many activities it holds; empty where there is none left.

        Raises TransientError in the first attempts while capture or the keys are away or fail.
        """
        try:
            batches = await self._context.around(
                school, finding.device_id, finding.key_id, finding.activity_sequence
            )
            key = await self._keys.by_id(school, finding.key_id)
        except (NotFoundError, GoneError):
            return b"", 0
        except (TransientError, InternalError) as error:
            # A neighbour's defect must not cost the finding, either.
            if attempt < ATTEMPTS:
                raise TransientError(error.slug, error.message) from error
            log.warning("an incident goes on without context: it can't be had now")
            return b"", 0
        activities: list[Activity] = []
        for batch in batches:
            body = key.open(batch.sealed, activity_place(batch.device_id, batch.batch_id))
            activities.extend(_decode(body).activities)
        near = select(activities, finding.activity_id, self._each_side)
        if not near:
            return b"", 0
        sealed = key.seal(msgspec.json.encode(near), context_place(finding.finding_id))
        return sealed, len(near)


def select(activities: list[Activity], activity_id: str, each_side: int) -> list[Activity]:
    """The ``each_side`` activities before and after one, by ``occurred_at``, without itself.

    A batch that was sent twice is in the stream twice: each activity counts once.
    """
    unique = {activity.id: activity for activity in activities}
    ordered = sorted(unique.values(), key=lambda a: (a.occurred_at_ms, a.id))
    middle = next((i for i, a in enumerate(ordered) if a.id == activity_id), None)
    if middle is None:
        return []
    before = ordered[max(0, middle - each_side) : middle]
    return [*before, *ordered[middle + 1 : middle + 1 + each_side]]
