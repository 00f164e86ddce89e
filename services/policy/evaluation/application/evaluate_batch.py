"""Open a batch, evaluate each activity, publish what was found with its words sealed again."""

import logging

import msgspec
from opentelemetry import metrics

from chassis.errors import GoneError, NotFoundError, TransientError
from chassis.sealing import KeyRing, SealKey
from chassis.telemetry import names
from contracts.activity import Activity, Batch
from contracts.capture.v1 import capture_pb2
from contracts.capture.v1.capture_pb2 import ActivityBatch
from contracts.evaluation.v1 import evaluation_pb2 as pb
from services.policy.evaluation.application.ports import Evaluations, Findings, Roster
from services.policy.evaluation.domain import finding as domain
from services.policy.evaluation.domain.evaluate import evaluate
from services.policy.evaluation.domain.policy import RosterFacts

log = logging.getLogger(__name__)

_decode = msgspec.json.Decoder(Batch).decode
_found = metrics.get_meter("vigil").create_counter(
    names.FINDINGS_PUBLISHED, description="Findings published"
)


class EvaluateBatch:
    """Stateless: the same batch gives the same findings with the same ids."""

    def __init__(
        self, keys: KeyRing, roster: Roster, evaluations: Evaluations, findings: Findings
    ) -> None:
        self._keys = keys
        self._roster = roster
        self._evaluations = evaluations
        self._findings = findings

    async def handle(self, school: str, sequence: int, batch: ActivityBatch) -> int:
        """Publish the batch's findings; how many there were.

        ``sequence`` is the batch's in ACTIVITY. TransientError while keys, NATS or the copy of
        the directory are away; a batch whose key is destroyed has nothing to evaluate.
        """
        try:
            key = await self._keys.by_id(school, batch.key_id)
        except GoneError:
            log.info("a batch of an erased person is left alone")
            return 0
        try:
            shard = self._roster.shard(school)
        except NotFoundError as error:
            raise TransientError("school_unknown", "the copy of the directory is behind") from error
        body = key.open(batch.sealed, f"activity:{batch.device_id}:{batch.batch_id}")
        facts = self._roster.facts(school, key.owner_id)
        evaluation = self._evaluations.of(school)
        count = 0
        for activity in _decode(body).activities:
            for found in evaluate(activity, facts, evaluation):
                message = as_message(batch, activity, found, facts, evaluation.hash, sequence, key)
                await self._findings.publish(school, shard, message)
                _found.add(1, {names.THEME: found.theme})
                count += 1
        return count


def as_message(
    batch: ActivityBatch,
    activity: Activity,
    found: domain.Finding,
    facts: RosterFacts,
    evaluation_hash: str,
    sequence: int,
    key: SealKey,
) -> pb.Finding:
    """The contract message: clear facts, and the words sealed under the person's key."""
    number = domain.finding_id(batch.device_id, activity.id, evaluation_hash, found.rule_id)
    used = pb.RosterFacts(role=facts.role)
    if facts.year_group is not None:
        used.year_group = facts.year_group
    return pb.Finding(
        finding_id=number,
        person_id=key.owner_id,
        device_id=batch.device_id,
        activity_id=activity.id,
        activity_kind=activity.kind.value,
        theme=found.theme,
        family=found.family,
        severity=found.severity,
        confidence=found.confidence,
        rule_id=found.rule_id,
        evaluation_hash=evaluation_hash,
        occurred_at_ms=activity.occurred_at_ms,
        received_at_ms=batch.received_at_ms,
        offline=activity.offline,
        key_id=batch.key_id,
        activity_sequence=sequence,
        facts=used,
        four_c=found.facets.four_c,
        intent=found.facets.intent,
        sealed=key.seal(_detail(activity, found).SerializeToString(), f"finding:{number}"),
    )


def _detail(activity: Activity, found: domain.Finding) -> pb.FindingDetail:
    why = found.explanation
    return pb.FindingDetail(
        activity=capture_pb2.Activity(**msgspec.structs.asdict(activity)),
        explanation=pb.Explanation(
            sentence=why.sentence,
            phrase=why.phrase,
            matched=why.matched,
            spans=[pb.Span(field=s.field, start=s.start, end=s.end) for s in found.spans],
            base_severity=why.base_severity,
            steps=[
                pb.Step(rule=s.rule, before=s.before, after=s.after, because=s.because)
                for s in why.steps
            ],
            glossary=why.note,
            normalising=why.disguises,
        ),
        facets=pb.Facets(
            role=found.facets.role,
            protected=found.facets.protected,
            ideology=found.facets.ideology,
            imminence=found.facets.imminence,
        ),
    )
