import json
from datetime import UTC, datetime

import pytest

from chassis.errors import InvalidError
from contracts.capture.v1 import capture_pb2 as ca
from contracts.gateway.v1 import feed_pb2 as fe
from contracts.incidents.v1 import views_pb2 as iv
from gateway.http.reports import safe
from gateway.schema.reading import read
from gateway.schema.scalars import to_ms
from gateway.streams.cloud_event import server_sent
from gateway.streams.feed import DESCRIBED, token


def test_an_unset_optional_is_none_and_a_set_one_is_itself() -> None:
    view = iv.IncidentView(reference="", outcome="")
    assert read(view, "outcome") == ""
    assert read(view, "closed_by") is None
    assert read(view, "year_group") is None
    assert read(view, "reference") == ""
    assert read(iv.IncidentView(year_group=0), "year_group") == 0
    assert read(iv.FindingView(), "why") is None


def test_times_are_read_from_milliseconds_and_never_is_none() -> None:
    view = iv.IncidentView(opened_at_ms=1_500, closed_at_ms=2_000)
    assert read(view, "opened_at") == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
    assert read(view, "closed_at") == datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)
    assert read(view, "acknowledged_at") is None
    assert read(ca.DeviceCoverage(), "last_seen") is None


def test_a_field_that_is_not_there_is_a_defect() -> None:
    with pytest.raises(KeyError):
        read(iv.IncidentView(), "nothing")


def test_times_in_need_a_zone() -> None:
    assert to_ms(None) is None
    assert to_ms(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1_000
    with pytest.raises(InvalidError, match="zone"):
        to_ms(datetime(1970, 1, 1))  # noqa: DTZ001 - that is the mistake


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert safe(f"{start}1") == f"'{start}1"
    assert safe("self_harm") == "self_harm"
    assert safe(4) == "4"


def test_what_an_event_does_not_say_is_left_out() -> None:
    event = fe.FeedEvent(id="e-1", type="incident.closed", time_ms=1_500, incident_id="i-1")
    block = server_sent(event, "s-1", 7).decode()
    id_, type_, data, *rest = block.split("\n")
    assert (id_, type_, rest) == ("id: 7", "event: incident.closed", ["", ""])
    assert json.loads(data.removeprefix("data: ")) == {
        "specversion": "1.0",
        "id": "e-1",
        "source": "urn:vigil:school:s-1",
        "type": "incident.closed",
        "subject": "i-1",
        "time": "1970-01-01T00:00:01.500Z",
        "datacontenttype": "application/json",
        "data": {"incidentId": "i-1"},
    }


def test_a_type_becomes_one_token() -> None:
    assert token("incident.severity_raised") == "incident-severity-raised"
    assert "incidents.IncidentRevealed.v1" not in DESCRIBED
