"""Everything that a safeguarding lead can see of a school, read through the gateway."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from vigil.demo.labels import Found, labelled
from vigil.graphql.query import Gateway

PAGE = 100
AT_ONCE = 6
TRIES = 40

INBOX = """query Page($after: String) {
  incidents(first: 100, after: $after) {
    edges { node { incidentId } }
    pageInfo { hasNextPage endCursor }
  }
}"""
CASE = """query Case($id: ID!) {
  incident(id: $id) {
    incident { incidentId reference theme severity state openedAt yearGroup }
    timeline { kind severity at }
    findings { findingId activityId deviceId ruleId evaluationHash theme severity }
    escalations {
      state severity startedAt
      notifications { step role requestedAt deliveredAt failure }
    }
  }
}"""


@dataclass(frozen=True)
class Case:
    """One incident with its findings and escalations, as the gateway says."""

    incident: dict[str, Any]
    timeline: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    escalations: list[dict[str, Any]]

    @property
    def opened_at(self) -> datetime:
        """When it was opened."""
        return datetime.fromisoformat(self.incident["openedAt"])

    def cause(self, escalation: dict[str, Any]) -> tuple[str, datetime]:
        """What began an escalation, ``opened`` or ``severity_raised``, and when that was."""
        for entry in self.timeline:
            raises = entry["kind"] in ("opened", "severity_raised")
            if raises and entry["severity"] == escalation["severity"]:
                return entry["kind"], datetime.fromisoformat(entry["at"])
        return "opened", self.opened_at

    def delays_s(self) -> list[float]:
        """For each escalation, seconds from what began it to its first delivered alert."""
        delays = []
        for escalation in self.escalations:
            times = [one["deliveredAt"] for one in escalation["notifications"]]
            told = [datetime.fromisoformat(time) for time in times if time]
            if told:
                delays.append((min(told) - self.cause(escalation)[1]).total_seconds())
        return delays


@dataclass(frozen=True)
class Record:
    """All cases of the school."""

    cases: list[Case]

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings of all cases."""
        return [finding for case in self.cases for finding in case.findings]

    @property
    def doubled(self) -> int:
        """Findings that are there a second time: the same activity, rule and evaluation."""
        keys = ("deviceId", "activityId", "ruleId", "evaluationHash")
        distinct = {tuple(finding[key] for key in keys) for finding in self.findings}
        return len(self.findings) - len(distinct)

    def by_activity(self) -> dict[str, Found]:
        """Activity id to what was found on it."""
        found: dict[str, Found] = {}
        for finding in self.findings:
            activity = labelled(finding["activityId"])
            known = found.get(activity, Found(0, frozenset()))
            found[activity] = Found(
                max(known.severity, finding["severity"]), known.themes | {finding["theme"]}
            )
        return found

    def median_to_delivery_s(self, since: datetime) -> float | None:
        """Median seconds to the first alert, of the incidents opened ``since``; None without."""
        new = [case for case in self.cases if case.opened_at >= since]
        delays = [delay for case in new for delay in case.delays_s()]
        return median(delays) if delays else None


async def read_record(gateway: Gateway) -> Record:
    """Read every incident. Raises LostError or RefusedError."""
    ids: list[str] = []
    after = None
    while True:
        page = (await gateway.ask(INBOX, TRIES, after=after))["incidents"]
        ids += [edge["node"]["incidentId"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    slots = asyncio.Semaphore(AT_ONCE)

    async def read(incident_id: str) -> Case:
        async with slots:
            return await read_case(gateway, incident_id)

    return Record(list(await asyncio.gather(*(read(incident_id) for incident_id in ids))))


async def read_case(gateway: Gateway, incident_id: str) -> Case:
    """Read one incident."""
    found = (await gateway.ask(CASE, TRIES, id=incident_id))["incident"]
    return Case(found["incident"], found["timeline"], found["findings"], found["escalations"] or [])
