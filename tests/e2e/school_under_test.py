"""One school: people, devices and users made by the command line, used as they would use it."""

import csv
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from small_roster import write_roster
from system_under_test import SystemUnderTest
from waiting import eventually

USER_ROLES = ("dsl", "deputy_dsl", "head", "it", "governor", "integrator")
POST_WITHIN_S = 20.0
"""Capture tries for eight seconds before it answers 503."""

INBOX = """query($after: String) { incidents(first: 100, after: $after) { totalCount
  pageInfo { hasNextPage endCursor }
  edges { node { id reference family theme themes severity state findingCount personId
    yearGroup acknowledgedAt closedAt outcome } } } }"""


def activity(login: str, text: str, *, kind: str = "text_typed", **fields: Any) -> dict[str, Any]:
    """One activity of now, as an agent would post it."""
    return {
        "id": f"a-{uuid4()}",
        "occurred_at_ms": int(time.time() * 1000),
        "login": login,
        "kind": kind,
        "text": text,
        **fields,
    }


def batch(*activities: Mapping[str, Any]) -> dict[str, Any]:
    return {"batch_id": f"b-{uuid4()}", "activities": list(activities)}


@dataclass
class School:
    """Everything a test does in a school's name."""

    system: SystemUnderTest
    slug: str
    id: str
    devices: dict[str, dict[str, str]]
    emails: dict[str, str]
    _tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    def create(
        cls,
        system: SystemUnderTest,
        slug: str,
        folder: Path,
        *,
        roster: Path | None = None,
        devices: Sequence[str] = ("laptop-1", "laptop-2"),
        user_names: Mapping[str, str] | None = None,
    ) -> "School":
        """A school with a roster, a user of each role (``<role>@<slug>.example``) and devices."""
        made = system.vigil_json("school", "create", f"{slug} school", "--slug", slug)
        roster = roster or write_roster(folder / f"{slug}.zip")
        system.vigil("roster", "import", str(roster), "--school", slug)
        emails = {role: f"{role.replace('_', '.')}@{slug}.example" for role in USER_ROLES}
        users = [
            {
                "login": f"{role}.{slug}",
                "role": role,
                "name": (user_names or {}).get(role, f"The {role} of {slug}"),
                "email": email,
            }
            for role, email in emails.items()
        ]
        users_file = folder / f"{slug}-users.json"
        users_file.write_text(json.dumps(users))
        system.vigil("user", "add", "--school", slug, "--file", str(users_file))
        return cls(
            system, slug, made["school_id"], cls._enrol(system, slug, folder, devices), emails
        )

    @staticmethod
    def _enrol(
        system: SystemUnderTest, slug: str, folder: Path, names: Sequence[str]
    ) -> dict[str, dict[str, str]]:
        rows, tokens = folder / f"{slug}-devices.csv", folder / f"{slug}-tokens.json"
        with rows.open("w", newline="") as text:
            csv.writer(text).writerows([("name", "kind"), *((name, "laptop") for name in names)])
        system.vigil(
            *("device", "enrol", "--school", slug),
            *("--file", str(rows), "--out", str(tokens)),
        )
        return {entry["name"]: entry for entry in json.loads(tokens.read_text())}

    def plan(self, *steps: str, minimum_severity: int = 3) -> None:
        chosen = [part for step in steps for part in ("--step", step)]
        self.system.vigil(
            *("plan", "set", "--school", self.slug, *chosen),
            *("--minimum-severity", str(minimum_severity)),
        )

    def token(self, role: str) -> str:
        if role not in self._tokens:
            said = self.system.vigil("token", "--school", self.slug, "--role", role)
            self._tokens[role] = said.strip()
        return self._tokens[role]

    def bearer(self, role: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(role)}"}

    def post(self, device: str, body: Mapping[str, Any] | bytes, **headers: str) -> httpx.Response:
        """Post a batch as a device would; a capture that is not there is a TransportError."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.post(
            f"{self.system.found_at['capture']}/v1/activities",
            content=content,
            headers={"authorization": f"Bearer {self.devices[device]['token']}", **headers},
            timeout=POST_WITHIN_S,
        )

    def report(self, device: str, *activities: Mapping[str, Any]) -> dict[str, Any]:
        """Post activities in one batch and see it accepted; the batch."""
        sent = batch(*activities)
        answer = self.post(device, sent)
        assert answer.status_code == 202, answer.text
        return sent

    def graphql(self, role: str, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, errors and all."""
        answer = httpx.post(
            self.system.found_at["graphql"],
            json={"query": query, "variables": variables},
            headers=self.bearer(role),
            timeout=20,
        )
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def ask(self, query: str, *, role: str = "dsl", **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.graphql(role, query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def inbox(self, role: str = "dsl") -> list[dict[str, Any]]:
        """Every incident of the school, newest first, page by page."""
        found: list[dict[str, Any]] = []
        after = None
        while True:
            page = self.ask(INBOX, role=role, after=after)["incidents"]
            found += [edge["node"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                assert len(found) == page["totalCount"]
                return found

    def await_incident(self, family: str, *, within_s: float = 20.0) -> dict[str, Any]:
        """The school's newest incident of a family, once there is one."""

        def look() -> dict[str, Any] | None:
            return next((i for i in self.inbox() if i["family"] == family), None)

        return eventually(f"an incident of {family}", look, within_s=within_s)

    def reveal(self, incident_id: str, purpose: str = "record_review") -> Any:
        return self.ask(REVEAL, id=incident_id, purpose=purpose)["reveal"]


REVEAL = """mutation($id: ID!, $purpose: String!) { reveal(incidentId: $id, purpose: $purpose) {
  personName position notes { at byUser text }
  findings { findingId activity { id login occurredAt kind text url title offline }
    explanation { sentence matched phrase } context { id occurredAt text } } } }"""
