"""The whole way: what a device posts is an incident on the lead's screen, and never ahead of it."""

import pytest
from school_under_test import School, activity
from small_roster import PUPILS, TEACHER
from subscribing import subscribed

pytestmark = pytest.mark.e2e

CONCERNS = (
    "i want to kill myself tonight",
    "self harm tips without anyone knowing",
    "i will kill myself tomorrow",
)


def test_one_post_becomes_an_incident_that_is_pushed_and_shown(school: School) -> None:
    with subscribed(school) as changes:
        sent = activity(PUPILS[0].login, CONCERNS[0])
        school.report("laptop-1", sent)
        opened = changes.next()
        # Asked at once: whoever is told of an incident finds it.
        shown = school.inbox()
        assert opened["kind"] == "opened"
        assert [incident["id"] for incident in shown] == [opened["incident"]["id"]]
        assert shown[0]["family"] == "harm_to_self"
        assert shown[0]["severity"] >= opened["incident"]["severity"] >= 4
        joined = changes.next()
        assert (joined["kind"], joined["missed"]) == ("finding_joined", 0)
    revealed = school.reveal(opened["incident"]["id"])
    assert revealed["personName"] == PUPILS[0].name
    assert [f["activity"]["id"] for f in revealed["findings"]] == [sent["id"]]
    assert revealed["findings"][0]["activity"]["text"] == sent["text"]


def test_a_subscriber_is_never_told_more_than_a_query_shows(school: School) -> None:
    joined = 0
    with subscribed(school) as changes:
        for pupil in PUPILS[1:]:
            for text in CONCERNS:
                school.report("laptop-2", activity(pupil.login, text))
        while joined < len(PUPILS[1:]) * len(CONCERNS):
            change = changes.next()
            told = change["incident"]
            shown = {incident["id"]: incident for incident in school.inbox()}[told["id"]]
            assert shown["findingCount"] >= told["findingCount"]
            assert shown["severity"] >= told["severity"]
            joined += change["kind"] == "finding_joined"
    assert len(school.inbox()) == len(PUPILS)


def test_staff_are_not_evaluated(school: School) -> None:
    before = len(school.inbox())
    with subscribed(school) as changes:
        school.report("laptop-1", activity(TEACHER.login, CONCERNS[0]))
        # A pupil's finding behind it is the sign that the teacher's batch was looked at.
        school.report("laptop-1", activity(PUPILS[0].login, "my suicide note"))
        assert changes.next()["kind"] == "finding_joined"
    assert len(school.inbox()) == before
