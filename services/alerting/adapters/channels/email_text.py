"""The words of an alert's e-mail, in British English."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.alerting.application.ports import Notice
from services.alerting.domain.words import ROLES, SEVERITIES, theme_in_words


def subject_of(notice: Notice) -> str:
    """How urgent, which incident, what about: all that a locked screen shows."""
    return _line(
        f"Vigil: {SEVERITIES[notice.severity]} \N{EN DASH} {notice.reference} \N{EN DASH} "
        f"{theme_in_words(notice.theme)} (severity {notice.severity})"
    )


def text_of(notice: Notice, link_base: str) -> str:
    """The body, plain text."""
    role = ROLES[notice.role]
    return f"""\
Vigil has opened an incident that needs an answer from you.

Reference: {_line(notice.reference)}
Theme: {_line(theme_in_words(notice.theme))}
Severity: {notice.severity} of 5 ({SEVERITIES[notice.severity]})

Open the incident and acknowledge it here:
{link_base.rstrip("/")}/incidents/{notice.incident_id}

{_onward(notice)}

You receive this as the {role} of your school. This message holds no
names and nothing that anybody wrote; please do not add them in a reply.
If a child may be in immediate danger, ring 999.
"""


def _onward(notice: Notice) -> str:
    if notice.onward is None:
        return "The next person in your school's plan has been told as well."
    by = _clock(notice.onward.at, notice.time_zone)
    if notice.onward.role is None:
        return (
            f"You are the last person in your school's plan. If nobody acknowledges it by {by},\n"
            "Vigil records that nobody answered."
        )
    return f"If nobody acknowledges it by {by}, Vigil tells the {ROLES[notice.onward.role]}."


def _clock(at: datetime, time_zone: str) -> str:
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("Europe/London")
    local = at.astimezone(zone)
    return f"{local:%H:%M} on {local:%A} {local.day} {local:%B}"


def _line(text: str) -> str:
    # What came from a message must not begin a header or a paragraph of its own.
    return " ".join(text.split())
