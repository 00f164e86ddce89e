"""Declarations over evaluation's messages."""

from datetime import datetime

import strawberry

from contracts.capture.v1 import capture_pb2 as ca
from contracts.evaluation.v1 import evaluation_pb2 as ev
from gateway.schema.reading import shows


@shows(ev.PolicyPublished)
@strawberry.type(description="The school's policy in force.")
class Policy:
    """A published policy."""

    version: int
    staff_enabled: bool = strawberry.field(description="Whether staff are monitored as well.")
    minimum_severity: int = strawberry.field(description="Findings below it are not kept: 1 to 5.")
    by_user: strawberry.ID
    reason: str
    at: datetime | None


@shows(ev.Step)
@strawberry.type(description="One context rule and what it did to the severity.")
class Step:
    """A step of an explanation."""

    rule: str
    before: int
    after: int
    because: str = strawberry.field(description="In words, without quoting.")


@shows(ev.Span)
@strawberry.type(description="Where in the activity the match stands.")
class Span:
    """Offsets in characters."""

    field: str = strawberry.field(description="text, title or url.")
    start: int
    end: int


@shows(ev.Explanation)
@strawberry.type(description="Why a finding was made, in words. Only in the answer to a reveal.")
class Explanation:
    """The reason as data, with the pupil's words."""

    sentence: str
    phrase: str
    matched: str
    spans: list[Span]
    base_severity: int
    steps: list[Step]
    glossary: str
    normalising: list[str]


@shows(ca.Activity)
@strawberry.type(description="One thing somebody did. Only in the answer to a reveal.")
class Activity:
    """What was written, where and when."""

    id: strawberry.ID
    occurred_at: datetime
    kind: str
    login: str
    application: str
    url: str
    title: str
    text: str
    conversation: str
    counterpart: str
    offline: bool
