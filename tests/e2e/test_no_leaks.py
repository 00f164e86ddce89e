"""Words that were captured or written about a pupil are in clear nowhere that anything is kept."""

import csv
import json
from collections.abc import Iterable

import pytest
from demo_day import GREENFIELD, Post, holding, labelled, marks, posts, proxy_posts
from nats_access import await_idle
from school_under_test import School, activity, batch
from searching import found
from system_under_test import SystemUnderTest
from waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

PLANTED = "gruntlefax"
"""In a device's name, which is clear by design: the search has to find it."""

FIELDS = ("application", "url", "title", "text", "conversation", "counterpart")
OWN = {name: f"mumblecrake{name}" for name in FIELDS}
"""A mark of our own in every field that an activity has."""

USER_NAME, NOTE, RATIONALE, QUERY, FAULTY = (
    *("tattlewhisk", "splendrickle", "wobblequill"),
    *("frizzlemoot", "jangleporth"),
)
CONCERN = "i want to kill myself tonight"


def _told_in_the_day() -> list[Post]:
    """The posts with a mark or a concern in them, from agents and from the proxy."""
    every = [*posts(), *proxy_posts()]
    marked = [p for p in every if any(mark in json.dumps(p.body) for mark in marks())]
    concerning = holding(every, labelled("concern") | labelled("mark"))
    chosen = {post.batch_id: post for post in (*marked, *concerning)}
    return list(chosen.values())


@pytest.fixture(scope="module")
def greenfield(system: SystemUnderTest, tmp_path_factory: pytest.TempPathFactory) -> School:
    """The school of the recorded day; two of its pupils have a mark as surname."""
    with (GREENFIELD / "devices.csv").open(newline="") as text:
        devices = [row["name"] for row in csv.DictReader(text)]
    school = School.create(
        system,
        "greenfield",
        tmp_path_factory.mktemp("greenfield"),
        roster=GREENFIELD / "roster.zip",
        devices=[*devices, PLANTED],
        user_names={"dsl": f"Dana {USER_NAME.title()}"},
    )
    school.plan("dsl=1h", minimum_severity=3)
    return school


def _post_all(school: School, told: Iterable[Post]) -> None:
    for post in told:
        answer = school.post(post.device, post.body)
        assert answer.status_code == 202, answer.text


def _work_on_a_case(school: School) -> None:
    """A concern with marks in all its fields, then everything that a lead writes about it."""
    marked = activity("25.amelia.frost", f"{OWN['text']} {CONCERN}", kind="message_sent")
    school.report(PLANTED, marked | {name: mark for name, mark in OWN.items() if name != "text"})
    await_idle(school.system)
    incident = school.await_incident("harm_to_self")["id"]
    for mutation, text in (
        ("note(incidentId: $id, text: $text) { position }", NOTE),
        ('close(incidentId: $id, outcome: "pastoral", rationale: $text) { position }', RATIONALE),
    ):
        school.ask(f"mutation($id: ID!, $text: String!) {{ {mutation} }}", id=incident, text=text)
    shown = json.dumps(school.reveal(incident))
    assert all(mark in shown for mark in (NOTE, RATIONALE))


def _make_mistakes(school: School) -> None:
    """What is refused must not be repeated in a log, either."""
    faulty = batch(activity("21.x", FAULTY, title=FAULTY, mood=FAULTY))
    assert school.post(PLANTED, faulty).status_code == 422
    assert school.post(PLANTED, FAULTY.encode()).status_code == 422
    for query in (
        f'mutation {{ reveal(incidentId: "x", purpose: "{QUERY}") {{ position }} }}',
        f'{{ incidents(after: "{QUERY}") {{ totalCount }} }}',
        f"{{ {QUERY} }}",
    ):
        assert school.graphql("dsl", query)["errors"]


def _mailed(school: School) -> bool:
    return any(mail["to"] == school.emails["dsl"] for mail in school.system.mails())


def test_no_captured_word_is_kept_in_clear(system: SystemUnderTest, greenfield: School) -> None:
    told = _told_in_the_day()
    assert len(told) > 150
    _post_all(greenfield, told)
    _work_on_a_case(greenfield)
    _make_mistakes(greenfield)
    await_idle(system)
    eventually(
        "leads are mailed", lambda: any(greenfield.emails["dsl"] == m["to"] for m in system.mails())
    )

    secret = {*marks(), *OWN.values(), USER_NAME, NOTE, RATIONALE, QUERY, FAULTY, CONCERN}
    where = found(system, {*secret, PLANTED})
    # The search finds what is there to be found: in a stream, in a database, and on the disk.
    planted = where.pop(PLANTED, set())
    assert {place.split()[0] for place in planted} == {"stream", "mongodb", "file"}
    assert "mongodb local.oplog.rs" in planted
    assert where == {}


def test_the_words_are_there_for_who_reveals_them(greenfield: School) -> None:
    """Otherwise the absence of marks would say nothing."""
    shown = "".join(json.dumps(greenfield.reveal(i["id"])) for i in greenfield.inbox())
    seen = {mark for mark in (*marks(), *OWN.values()) if mark.lower() in shown.lower()}
    assert seen >= {OWN["text"], OWN["url"], OWN["title"]}
    assert len(seen & set(marks())) >= 3
