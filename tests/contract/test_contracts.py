"""The registry, the definitions and what is generated from them agree."""

import msgspec
from google.protobuf.descriptor import FieldDescriptor as Field

from chassis.bus.permissions import permissions
from chassis.bus.registry import Event
from contracts.activity import Activity
from contracts.capture.v1 import capture_pb2
from contracts.registry import OPERATOR, REGISTRY, ROLES, SHARDS
from vigil.system.roles import ROLES as STARTED

_KINDS = {Field.TYPE_STRING: str, Field.TYPE_INT64: int, Field.TYPE_BOOL: bool}


def test_the_posted_form_has_the_fields_of_the_definition() -> None:
    defined = [f.name for f in capture_pb2.Activity.DESCRIPTOR.fields]
    assert [f.name for f in msgspec.structs.fields(Activity)] == [
        "id",
        "occurred_at_ms",
        "kind",
        "login",
        *defined[4:],
    ]
    example = Activity(id="a", occurred_at_ms=1, kind="search", login="x")
    for field in capture_pb2.Activity.DESCRIPTOR.fields:
        assert isinstance(getattr(example, field.name), _KINDS[field.type]), field.name
    capture_pb2.Activity(**msgspec.structs.asdict(example))


def test_the_roles_started_are_the_roles_of_the_registry() -> None:
    assert {role.name for role in STARTED} == set(ROLES)


def test_every_subject_belongs_to_its_stream() -> None:
    streams = {stream.name: stream for stream in REGISTRY.streams}
    for event in (*REGISTRY.events, REGISTRY.dead_letter):
        assert any(_covers(s, event) for s in streams[event.stream].subjects), event.wire


def _covers(subject: str, event: Event) -> bool:
    wanted, given = subject.split("."), event.pattern.split(".")
    return len(wanted) == len(given) and all(
        w in ("*", g) for w, g in zip(wanted, given, strict=True)
    )


def test_wire_names_and_subjects_are_unique() -> None:
    wires = [event.wire for event in REGISTRY.events]
    assert len(wires) == len(set(wires))
    subjects = [ask.subject for ask in REGISTRY.asks]
    assert len(subjects) == len(set(subjects))


def test_every_shard_has_one_consumer_that_keeps_order() -> None:
    findings = [d for d in REGISTRY.durables if d.stream == "FINDINGS"]
    assert {d.filter for d in findings} == {f"findings.{n}.>" for n in range(SHARDS)}
    assert {d.max_ack_pending for d in findings} == {1}


def test_nobody_may_say_what_belongs_to_another() -> None:
    for role in (*ROLES, OPERATOR):
        allowed = permissions(REGISTRY, role)
        own = {e.pattern for e in REGISTRY.events if role in e.publishers}
        streams = {
            subject
            for subject in allowed.publish
            if not subject.startswith(("$JS.", "_INBOX.", "ask.", "dead.", "timers.pending."))
        }
        assert streams == own, role
        assert f"_INBOX.{role}.>" in allowed.subscribe
        assert not any(s in (">", "_INBOX.>") for s in allowed.subscribe)


def test_every_consumer_filters() -> None:
    """A message injected by a reply keeps its old subject; a filter does not see it."""
    assert all(durable.filter for durable in REGISTRY.durables)
