"""The single table of what is said between roles: streams, messages, requests, consumers.

NATS permissions, provisioning, the chart, KEDA and the documents are made from it.
"""

from google.protobuf.message import Message

from chassis.bus.registry import Ask, Durable, Event, Registry, Stream
from contracts.alerting.v1 import alerting_pb2 as al
from contracts.capture.v1 import capture_pb2 as ca
from contracts.common.v1 import common_pb2 as co
from contracts.directory.v1 import requests_pb2 as dr
from contracts.directory.v1 import states_pb2 as ds
from contracts.evaluation.v1 import evaluation_pb2 as ev
from contracts.gateway.v1 import feed_pb2 as fe
from contracts.incidents.v1 import events_pb2 as ie
from contracts.incidents.v1 import views_pb2 as iv
from contracts.reporting.v1 import reporting_pb2 as rp

ROLES = ("capture", "evaluation", "incidents", "alerting", "directory", "reporting", "gateway")
"""The roles of `vigil up`, the images and the chart. ``operator`` is the command line's user."""

OPERATOR = "operator"
SHARDS = 64
DAY_S = 86_400.0

STREAMS = (
    Stream("ACTIVITY", ("activity.*.*",), max_age_s=90 * DAY_S, ttl=True, direct=True),
    Stream("COVERAGE", ("coverage.*.*",), last_only=True),
    Stream("FINDINGS", ("findings.*.*.*",), max_age_s=7 * DAY_S),
    Stream("INCIDENTS", ("incidents.*.*",)),
    Stream("ALERTS", ("alerts.*.*",), max_age_s=90 * DAY_S),
    Stream("TIMERS", ("timers.pending.*.*.*", "timers.fired.*.*.*"), ttl=True, schedules=True),
    Stream("DIRECTORY", ("directory.*.*.*",), last_only=True),
    Stream("POLICIES", ("policies.*",), last_only=True),
    Stream("FEED", ("feed.*.*",), max_age_s=30 * DAY_S),
    Stream("DEAD", ("dead.*.*",), max_age_s=30 * DAY_S),
)

_INCIDENT = "incidents.{tenant}.{incident}"
_ALERT = "alerts.{tenant}.{escalation}"


def _events() -> tuple[Event, ...]:
    def said(
        by: str, stream: str, subject: str, prefix: str, *messages: type[Message]
    ) -> list[Event]:
        return [
            Event(f"{prefix}.{m.DESCRIPTOR.name}.v1", m, stream, subject, frozenset({by}))
            for m in messages
        ]

    return (
        *said("capture", "ACTIVITY", "activity.{tenant}.{device}", "capture", ca.ActivityBatch),
        *said("capture", "COVERAGE", "coverage.{tenant}.{device}", "capture", ca.CoverageChanged),
        *said(
            "evaluation", "FINDINGS", "findings.{shard}.{tenant}.{person}", "evaluation", ev.Finding
        ),
        *said("evaluation", "POLICIES", "policies.{tenant}", "evaluation", ev.PolicyPublished),
        *said(
            "incidents",
            "INCIDENTS",
            _INCIDENT,
            "incidents",
            ie.IncidentOpened,
            ie.FindingJoined,
            ie.SeverityRaised,
            ie.IncidentAcknowledged,
            ie.IncidentNoted,
            ie.IncidentRevealed,
            ie.IncidentClosed,
        ),
        *said(
            "alerting",
            "ALERTS",
            _ALERT,
            "alerting",
            al.EscalationStarted,
            al.NotificationRequested,
            al.NotificationDelivered,
            al.NotificationFailed,
            al.EscalationAcknowledged,
            al.EscalationExhausted,
            al.EscalationEnded,
        ),
        *said(
            "alerting",
            "TIMERS",
            "timers.fired.{tenant}.{escalation}.{step}",
            "alerting",
            al.TimerFired,
        ),
        *said(
            "directory", "DIRECTORY", "directory.{tenant}.school.{id}", "directory", ds.SchoolState
        ),
        *said(
            "directory", "DIRECTORY", "directory.{tenant}.person.{id}", "directory", ds.PersonState
        ),
        *said(
            "directory", "DIRECTORY", "directory.{tenant}.device.{id}", "directory", ds.DeviceState
        ),
        *said("directory", "DIRECTORY", "directory.{tenant}.user.{id}", "directory", ds.UserState),
        *said("gateway", "FEED", "feed.{tenant}.{type}", "gateway", fe.FeedEvent),
    )


def _ask(context: str, request: type[Message], reply: type[Message], *allowed: str) -> Ask:
    return Ask(context, request, reply, frozenset(allowed))


_CASE = ("dsl", "deputy_dsl", "head")
"""Who works on incidents."""
_COUNTS = (*_CASE, "governor")
"""Who sees figures without names."""
_ANYBODY = (*_COUNTS, "it", "integrator")
_CLI = f"service:{OPERATOR}"

ASKS = (
    _ask("capture", ca.ContextAroundRequest, ca.ContextAroundResponse, "service:incidents"),
    _ask("capture", ca.ListCoverageRequest, ca.ListCoverageResponse, *_CASE, "it", _CLI),
    _ask("evaluation", ev.PublishPolicyRequest, co.Written, "head", _CLI),
    _ask("evaluation", ev.GetPolicyRequest, ev.PolicyPublished, *_COUNTS, "it", _CLI),
    _ask("incidents", iv.ListIncidentsRequest, iv.ListIncidentsResponse, *_CASE),
    _ask("incidents", iv.GetIncidentRequest, iv.CaseView, *_CASE),
    _ask("incidents", iv.AcknowledgeRequest, co.Written, *_CASE),
    _ask("incidents", iv.AddNoteRequest, co.Written, *_CASE),
    _ask("incidents", iv.CloseIncidentRequest, co.Written, *_CASE),
    _ask("incidents", iv.RevealRequest, iv.RevealResponse, *_CASE),
    _ask("alerting", al.SetPlanRequest, co.Written, "head", _CLI),
    _ask("alerting", al.GetPlanRequest, al.GetPlanResponse, *_COUNTS, "it", _CLI),
    _ask("alerting", al.ListEscalationsRequest, al.ListEscalationsResponse, *_CASE),
    _ask("directory", dr.CreateSchoolRequest, dr.CreateSchoolResponse, _CLI),
    _ask("directory", dr.ListSchoolsRequest, dr.ListSchoolsResponse, _CLI),
    _ask("directory", dr.ImportPeopleRequest, dr.ImportPeopleResponse, _CLI),
    _ask("directory", dr.PutUserRequest, dr.PutUserResponse, _CLI),
    _ask("directory", dr.ListUsersRequest, dr.ListUsersResponse, "service:alerting", _CLI),
    _ask("directory", dr.EnrolDeviceRequest, dr.EnrolDeviceResponse, "it", _CLI),
    _ask("directory", dr.MintTokenRequest, dr.MintTokenResponse, _CLI),
    _ask("directory", dr.KeyForIdentityRequest, dr.KeyResponse, "service:capture"),
    _ask(
        "directory",
        dr.KeyByIdRequest,
        dr.KeyResponse,
        "service:evaluation",
        "service:incidents",
    ),
    _ask("directory", dr.ContactOfRequest, dr.ContactOfResponse, "service:alerting"),
    _ask("directory", dr.NameOfRequest, dr.NameOfResponse, "service:incidents"),
    _ask("directory", dr.GetMeRequest, dr.GetMeResponse, *_ANYBODY),
    _ask("reporting", rp.GetSummaryRequest, rp.GetSummaryResponse, *_COUNTS),
)

DURABLES = (
    # Half of JetStream's default: what a killed process held is judged again sooner.
    Durable("evaluation", "ACTIVITY", "evaluation", "activity.>", ack_wait_s=15),
    *(
        Durable(
            f"incidents-{shard:02d}",
            "FINDINGS",
            "incidents",
            f"findings.{shard}.>",
            max_ack_pending=1,
            # A SIGKILL would otherwise stall the shard for JetStream's default of 30 s.
            ack_wait_s=5,
        )
        for shard in range(SHARDS)
    ),
    Durable("alerting-incidents", "INCIDENTS", "alerting", "incidents.>", 1, 5),
    Durable("alerting-timers", "TIMERS", "alerting", "timers.fired.>", 1, 5),
    Durable("reporting-incidents", "INCIDENTS", "reporting", "incidents.>", 1, 5),
    Durable("reporting-alerts", "ALERTS", "reporting", "alerts.>", 1, 5),
    Durable("feed-incidents", "INCIDENTS", "gateway", "incidents.>", 1, 5),
    Durable("feed-alerts", "ALERTS", "gateway", "alerts.>", 1, 5),
)

FOLLOWS = (
    ("capture", "DIRECTORY"),
    ("evaluation", "DIRECTORY"),
    ("evaluation", "POLICIES"),
    ("alerting", "DIRECTORY"),
    ("reporting", "DIRECTORY"),
    ("incidents", "DIRECTORY"),
    ("gateway", "INCIDENTS"),
    ("gateway", "FEED"),
)

REGISTRY = Registry(
    streams=STREAMS,
    events=_events(),
    asks=ASKS,
    durables=DURABLES,
    follows=FOLLOWS,
    roles=ROLES,
    forwarder="gateway",
    dead_letter=Event(
        "common.DeadLetter.v1", co.DeadLetter, "DEAD", "dead.{consumer}.{tenant}", frozenset()
    ),
    extra_publish={
        # Context around a moment is read by DIRECT.GET from the one stream that capture owns.
        "capture": ("$JS.API.DIRECT.GET.ACTIVITY",),
        # Scheduled messages are published on pending subjects and cancelled by purging them.
        "alerting": (
            "timers.pending.*.*.*",
            "$JS.API.STREAM.PURGE.TIMERS",
            "$JS.API.STREAM.MSG.GET.ALERTS",
        ),
        # A relay looks whether its stream still holds what it published.
        "directory": ("$JS.API.STREAM.MSG.GET.DIRECTORY",),
        "evaluation": ("$JS.API.STREAM.MSG.GET.POLICIES",),
        "incidents": ("$JS.API.STREAM.MSG.GET.INCIDENTS",),
    },
)
