"""Declarations over the answer to a reveal: the only types with names and words."""

from datetime import datetime

import strawberry

from contracts.incidents.v1 import views_pb2 as iv
from gateway.schema.evaluation.types import Activity, Explanation
from gateway.schema.reading import shows


@shows(iv.RevealedFinding)
@strawberry.type(description="A finding with its words; null where the person has been erased.")
class RevealedFinding:
    """What was written, why it was found, and what happened around it."""

    finding_id: strawberry.ID
    activity: Activity | None
    explanation: Explanation | None
    context: list[Activity]


@shows(iv.RevealedNote)
@strawberry.type(description="A note in full.")
class RevealedNote:
    """A note."""

    at: datetime
    by_user: strawberry.ID
    text: str


@shows(iv.RevealResponse)
@strawberry.type(description="The name and the words. That they were seen is on the record.")
class Reveal:
    """What a reveal shows."""

    person_name: str
    findings: list[RevealedFinding]
    notes: list[RevealedNote]
    position: str
