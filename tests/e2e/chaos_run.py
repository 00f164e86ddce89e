"""The same input to several schools, and what came of it, in terms that can be compared."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
from demo_day import Post, holding, labelled, posts
from nats_access import stored
from school_under_test import School
from small_roster import Person, write_roster
from subscribing import feed
from system_under_test import SystemUnderTest

from contracts.capture.v1.capture_pb2 import ActivityBatch
from contracts.evaluation.v1.evaluation_pb2 import Finding
from contracts.incidents.v1.events_pb2 import FindingJoined

BATCHES = 300
CONCERNS = 40
"""Posts with a labelled concern; about half are found, and not every finding is an incident."""

RETRY_S = 0.5
GIVE_UP_S = 60.0
STAFF_LOGIN_PARTS = 2


def chosen_posts() -> list[Post]:
    """A few hundred posts of the day, in its order, with concerns all over it."""
    every = posts()
    concerning = holding(every, labelled("concern"))[:CONCERNS]
    devices = {post.device for post in concerning}
    ordinary = [p for p in every if p.device in devices and p not in concerning]
    kept = {p.batch_id for p in (*concerning, *ordinary[: BATCHES - len(concerning)])}
    once = {post.batch_id: post for post in every if post.batch_id in kept}
    return list(once.values())


def make_school(system: SystemUnderTest, slug: str, folder: Path, told: Sequence[Post]) -> School:
    people = []
    for login in sorted({post.login for post in told}):
        parts = login.split(".")
        given, family = parts[-2].title(), parts[-1].title()
        year = None if len(parts) == STAFF_LOGIN_PARTS else 33 - int(parts[0])
        people.append(Person(given, family, login, year))
    school = School.create(
        system,
        slug,
        folder,
        roster=write_roster(folder / f"{slug}.zip", people),
        devices=sorted({post.device for post in told}),
    )
    school.plan("dsl=1h", minimum_severity=3)
    return school


def replay(school: School, told: Sequence[Post], *, over_s: float) -> None:
    """Post as agents do: each device in its order, the same batch until it is accepted."""
    started = time.monotonic()
    due = {post.batch_id: over_s * place / len(told) for place, post in enumerate(told)}

    def agent(device: str) -> None:
        for post in (post for post in told if post.device == device):
            time.sleep(max(0.0, started + due[post.batch_id] - time.monotonic()))
            _until_accepted(school, post)

    devices = sorted({post.device for post in told})
    with ThreadPoolExecutor(len(devices)) as agents:
        for done in [agents.submit(agent, device) for device in devices]:
            done.result()


def _until_accepted(school: School, post: Post) -> None:
    deadline = time.monotonic() + GIVE_UP_S
    while True:
        try:
            answer = school.post(post.device, post.body)
        except httpx.TransportError:
            said = "no answer"
        else:
            if answer.status_code == 202:
                return
            assert answer.status_code == 503, answer.text
            said = answer.text
        assert time.monotonic() < deadline, f"never accepted: {said}"
        time.sleep(RETRY_S)


class Killer(threading.Thread):
    """Kills each victim once, one after the other; the runner starts them again."""

    def __init__(self, system: SystemUnderTest, victims: Sequence[str], over_s: float) -> None:
        super().__init__()
        self._system = system
        self._victims = victims
        self._pause_s = over_s / (len(victims) + 1)
        self.killed: dict[str, int] = {}

    def run(self) -> None:
        for victim in self._victims:
            time.sleep(self._pause_s)
            self.killed[victim] = self._system.signal(victim, signal.SIGKILL)


@dataclass(frozen=True)
class Outcome:
    """What a school's people see of a run; equal for equal input, whatever happened meanwhile."""

    incidents: dict[tuple[str, str], tuple[int, frozenset[str]]]
    """Login and family to severity and the ids of the activities found."""
    counted: Counter[tuple[int, int | None, str]]
    """Reporting's incidents by severity, year group and week."""


def outcome(school: School) -> Outcome:
    """Compare by this. Fails where an incident or a finding is there twice."""
    incidents: dict[tuple[str, str], tuple[int, frozenset[str]]] = {}
    seen: list[str] = []
    for incident in school.inbox():
        findings = school.reveal(incident["id"])["findings"]
        (login,) = {finding["activity"]["login"] for finding in findings}
        key = login, incident["family"]
        assert key not in incidents, "an incident is there twice"
        assert incident["findingCount"] == len(findings)
        activities = frozenset(finding["activity"]["id"] for finding in findings)
        incidents[key] = incident["severity"], activities
        seen += [finding["findingId"] for finding in findings]
    assert len(seen) == len(set(seen)), "a finding is there twice"
    return Outcome(incidents, _counted(school))


def _counted(school: School) -> Counter[tuple[int, int | None, str]]:
    rows = school.ask("{ summary { rows { severity yearGroup week incidents } } }")
    counted: Counter[tuple[int, int | None, str]] = Counter()
    for row in rows["summary"]["rows"]:
        counted[row["severity"], row["yearGroup"], row["week"]] += row["incidents"]
    return counted


def batches_stored(school: School) -> list[str]:
    messages = stored(school.system, "ACTIVITY", f"activity.{school.id}.>")
    return [ActivityBatch.FromString(message.data).batch_id for message in messages]


def findings_published(school: School) -> set[str]:
    messages = stored(school.system, "FINDINGS", f"findings.*.{school.id}.>")
    return {Finding.FromString(message.data).finding_id for message in messages}


def findings_joined(school: School) -> list[str]:
    """As INCIDENTS tells them, once each however often a relay said so."""
    said = {
        (message.headers["Vigil-Position"], message.data)
        for message in stored(school.system, "INCIDENTS", f"incidents.{school.id}.>")
        if message.headers["Vigil-Type"] == "incidents.FindingJoined.v1"
    }
    return [FindingJoined.FromString(data).finding_id for _, data in said]


def mails_of(school: School) -> dict[tuple[str, str], set[str]]:
    """Subject and body's link to the Message-IDs under which it was sent."""
    sent: dict[tuple[str, str], set[str]] = {}
    for mail in school.system.mails():
        if mail["to"] == school.emails["dsl"]:
            body = mail.get_content()
            link = next(line for line in body.splitlines() if "/incidents/" in line)
            sent.setdefault((mail["subject"], link), set()).add(mail["message-id"])
    return sent


def opened_in_feed(school: School) -> dict[str, set[str]]:
    """Incident to the ids of its ``incident.opened`` events."""
    opened: dict[str, set[str]] = {}
    for event in feed(school):
        if event["type"] == "incident.opened":
            opened.setdefault(event["subject"], set()).add(event["id"])
    return opened
