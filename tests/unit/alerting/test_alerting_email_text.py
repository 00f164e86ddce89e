from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.alerting.adapters.channels.email_text import subject_of, text_of
from services.alerting.application.ports import Notice, Onward

NOTICE = Notice(
    message_id="<a.1.b@vigil.invalid>",
    incident_id="0b5f",
    reference="VG-7K3Q2",
    theme="self_harm",
    severity=4,
    role="dsl",
    onward=Onward("deputy_dsl", datetime(2026, 7, 24, 20, 15, tzinfo=UTC)),
    time_zone="Europe/London",
)


def test_the_subject_says_how_urgent_which_and_what() -> None:
    assert subject_of(NOTICE) == "Vigil: severe – VG-7K3Q2 – self-harm (severity 4)"  # noqa: RUF001 - the dash is meant


def test_a_theme_that_is_new_here_is_shown_in_words() -> None:
    assert "some new thing" in subject_of(replace(NOTICE, theme="family.some_new_thing"))


def test_what_came_from_a_message_cannot_begin_a_header() -> None:
    assert "\n" not in subject_of(replace(NOTICE, reference="VG\r\nBcc: a@b.example"))


def test_the_text_has_the_link_the_severity_in_words_and_local_time() -> None:
    text = text_of(NOTICE, "https://vigil.example/")
    assert "https://vigil.example/incidents/0b5f\n" in text
    assert "Severity: 4 of 5 (severe)" in text
    assert (
        "If nobody acknowledges it by 21:15 on Friday 24 July, Vigil tells the deputy "
        "designated safeguarding lead." in text
    )


@pytest.mark.parametrize("zone", ["Nowhere/Atlantis", "", "../etc"])
def test_an_unknown_time_zone_falls_back_to_london(zone: str) -> None:
    assert "21:15" in text_of(replace(NOTICE, time_zone=zone), "https://v.example")


def test_the_last_one_is_told_to_be_the_last() -> None:
    last = replace(NOTICE, onward=Onward(None, datetime(2026, 11, 24, 21, 30, tzinfo=UTC)))
    assert "the last person" in text_of(last, "https://v.example")
    assert "by 21:30 on Tuesday 24 November" in text_of(last, "https://v.example")


def test_a_late_mail_does_not_promise_what_has_happened() -> None:
    text = text_of(replace(NOTICE, onward=None), "https://v.example")
    assert "has been told as well" in text
