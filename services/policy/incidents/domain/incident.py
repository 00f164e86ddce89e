"""The incident: what was found about one person in one theme family, and what was decided."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from chassis.errors import ConflictError, InvalidError
from services.policy.incidents.domain.finding import JoinedFinding
from services.policy.incidents.domain.identifiers import incident_id, reference
from services.policy.incidents.domain.vocabulary import OUTCOMES, PURPOSES

OPEN, ACKNOWLEDGED, CLOSED = "open", "acknowledged", "closed"


class Incident(Aggregate):
    """Severity only rises; a closed incident takes nothing more."""

    TOPIC = "incidents.Incident"

    class Event(Aggregate.Event):
        """Every event names its school, so that it can be published by itself."""

        TOPIC = "incidents.Event.v1"
        school_id: str

        def apply(self, aggregate: "Incident") -> None:
            """Change the incident's state."""
            aggregate.take_in(self)

    class Created(Aggregate.Created):
        """Opened: a finding found no open incident of its person and family."""

        TOPIC = "incidents.Opened.v1"
        school_id: str
        person_id: str
        family: str
        theme: str
        severity: int
        year_group: int | None
        key_id: str
        occurred_at_ms: int
        received_at_ms: int

    class FindingJoined(Event):
        """A finding and its evidence are part of it."""

        TOPIC = "incidents.FindingJoined.v1"
        finding: dict[str, Any]

    class SeverityRaised(Event):
        """The newest finding is worse than all before."""

        TOPIC = "incidents.SeverityRaised.v1"
        theme: str
        previous: int
        severity: int

    class Acknowledged(Event):
        """Somebody has taken it on."""

        TOPIC = "incidents.Acknowledged.v1"
        by_user: str

    class Noted(Event):
        """A note was added; its text is sealed under the incident's key."""

        TOPIC = "incidents.Noted.v1"
        by_user: str
        note_id: str
        sealed: bytes

    class Revealed(Event):
        """Somebody saw the name and the words."""

        TOPIC = "incidents.Revealed.v1"
        by_user: str
        purpose: str

    class Closed(Event):
        """Decided, with an outcome and a sealed reason."""

        TOPIC = "incidents.Closed.v1"
        by_user: str
        outcome: str
        sealed: bytes

    def __init__(
        self,
        school_id: str,
        person_id: str,
        family: str,
        theme: str,
        severity: int,
        year_group: int | None,
        key_id: str,
        occurred_at_ms: int,
        received_at_ms: int,
    ) -> None:
        self.school_id = school_id
        self.person_id = person_id
        self.family = family
        self.theme = theme
        self.severity = severity
        self.year_group = year_group
        self.key_id = key_id
        self.occurred_at_ms = occurred_at_ms
        self.received_at_ms = received_at_ms
        self.state = OPEN
        self.findings: list[JoinedFinding] = []
        self.notes: list[tuple[datetime, str, str, bytes]] = []
        self.acknowledged_by: list[str] = []
        self.closed_by: str | None = None
        self.closed_at: datetime | None = None
        self.rationale: bytes | None = None

    @classmethod
    def open(
        cls,
        *,
        school_id: str,
        person_id: str,
        family: str,
        year_group: int | None,
        finding: JoinedFinding,
        at: datetime,
    ) -> "Incident":
        """A new incident with its first finding."""
        incident = cls._create(
            cls.Created,
            id=incident_id(school_id, finding.finding_id),
            timestamp=at,
            school_id=school_id,
            person_id=person_id,
            family=family,
            theme=finding.theme,
            severity=finding.severity,
            year_group=year_group,
            key_id=finding.key_id,
            occurred_at_ms=finding.occurred_at_ms,
            received_at_ms=finding.received_at_ms,
        )
        incident.join(finding, at)
        return incident

    @property
    def reference(self) -> str:
        """What people call it."""
        return reference(UUID(str(self.id)))

    def takes(self, at: datetime, within_days: int) -> bool:
        """Whether a finding at ``at`` belongs here: not closed, and the last one not too long ago.

        The window counts from when the last finding was joined, so that a laptop that comes back
        after a week still meets the incident that is being worked on.
        """
        return self.state != CLOSED and (at - self.modified_on).days < within_days

    def join(self, finding: JoinedFinding, at: datetime) -> None:
        """Take a finding in; raise the severity if it is worse. Taking it twice changes nothing."""
        if any(known.finding_id == finding.finding_id for known in self.findings):
            return
        if self.state == CLOSED:
            raise ConflictError("incident_closed", "the incident is closed; open a new one")
        self._say(self.FindingJoined, at, finding=asdict(finding))
        if finding.severity > self.severity:
            self._say(
                self.SeverityRaised,
                at,
                theme=finding.theme,
                previous=self.severity,
                severity=finding.severity,
            )

    def acknowledge(self, by_user: str, at: datetime) -> None:
        """Take it on: recorded once a user, and again after the severity has risen."""
        if self.state == CLOSED:
            raise ConflictError("incident_closed", "the incident is closed already")
        if by_user not in self.acknowledged_by:
            self._say(self.Acknowledged, at, by_user=by_user)

    def note(self, by_user: str, note_id: str, sealed: bytes, at: datetime) -> None:
        """Add a note. Also to a closed incident: what is learnt later belongs to the record."""
        self._say(self.Noted, at, by_user=by_user, note_id=note_id, sealed=sealed)

    def reveal(self, by_user: str, purpose: str, at: datetime) -> None:
        """Record that the name and the words were seen; InvalidError for an unknown purpose."""
        if purpose not in PURPOSES:
            raise InvalidError("bad_purpose", f"purpose must be one of {', '.join(PURPOSES)}")
        self._say(self.Revealed, at, by_user=by_user, purpose=purpose)

    def close(self, by_user: str, outcome: str, sealed: bytes, at: datetime) -> None:
        """Decide. Raises InvalidError for no known outcome, ConflictError when closed already."""
        if outcome not in OUTCOMES:
            raise InvalidError("bad_outcome", f"outcome must be one of {', '.join(OUTCOMES)}")
        if self.state == CLOSED:
            raise ConflictError("incident_closed", "the incident is closed already")
        self._say(self.Closed, at, by_user=by_user, outcome=outcome, sealed=sealed)

    def _say(self, event: type[Event], at: datetime, **fields: Any) -> None:
        self.trigger_event(event, timestamp=at, school_id=self.school_id, **fields)

    def take_in(self, event: Event) -> None:
        """Change state by one event."""
        if isinstance(event, self.FindingJoined):
            self.findings.append(JoinedFinding(**event.finding))
        elif isinstance(event, self.SeverityRaised):
            self.severity, self.theme = event.severity, event.theme
            # Whoever took it on has not seen this: it wants an answer again.
            self.state, self.acknowledged_by = OPEN, []
        elif isinstance(event, self.Acknowledged):
            self.acknowledged_by.append(event.by_user)
            self.state = ACKNOWLEDGED
        elif isinstance(event, self.Noted):
            self.notes.append((event.timestamp, event.by_user, event.note_id, event.sealed))
        elif isinstance(event, self.Closed):
            self.state = CLOSED
            self.closed_by, self.closed_at = event.by_user, event.timestamp
            self.rationale = event.sealed
