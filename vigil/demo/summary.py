"""The day in figures, the good and the bad."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.alerting.domain.words import SEVERITIES, theme_in_words
from vigil.demo.labels import Score
from vigil.demo.record import Case, Record
from vigil.replay.tally import Tally

LEAST_INCIDENTS = 10
LEAST_THEMES = 5


@dataclass(frozen=True)
class Day:
    """What is known in the end. ``before`` is the record from before the replay."""

    title: str
    began_at: datetime
    seconds: float
    tally: Tally
    before: Record
    record: Record
    mails: int
    mails_before: int
    acknowledged: int
    left_alone: Case | None
    silences: list[str]
    score: Score
    activities: int
    """Activities of the day, each counted once."""

    @property
    def themes(self) -> Counter[str]:
        """Incidents by theme."""
        return Counter(case.incident["theme"] for case in self.record.cases)

    @property
    def convincing(self) -> bool:
        """Whether the system did what the demo is there to show."""
        return (
            len(self.record.cases) >= LEAST_INCIDENTS
            and len(self.themes) >= LEAST_THEMES
            and self.mails > 0
        )


def show(day: Day, console: Console) -> None:
    """Print it."""
    console.print()
    console.print(Text(day.title, style="bold"))
    for name, lines in (
        ("Activities", _activities(day)),
        ("Incidents", _incidents(day)),
        ("Alerts", _alerts(day)),
        ("Devices", day.silences),
    ):
        for number, line in enumerate(lines):
            console.print(Text(f"  {name if not number else '':<12}{line}"), soft_wrap=True)
    console.print()
    console.print(_by_theme(day.record))


def in_a_line(day: Day) -> str:
    """The day once more, where the eye ends up."""
    found, missed = len(day.score.found), len(day.score.missed)
    return (
        f"{len(day.record.cases)} incidents over {len(day.themes)} themes, {day.mails} alerts by "
        f"e-mail, {found} of {found + missed} concerns found."
    )


def _activities(day: Day) -> list[str]:
    tally = day.tally
    taken = tally.accepted + tally.duplicates
    p50, p99 = tally.latency_ms(0.5), tally.latency_ms(0.99)
    lines = [
        f"{taken:,} accepted in {tally.batches:,} batches, within {day.seconds:.0f} s.",
        f"A post was answered in {p50:.0f} ms (p50), {p99:.0f} ms (p99).",
    ]
    if tally.duplicate_batches:
        again = _count(tally.duplicate_batches, "batch was", "batches were")
        doubled = day.record.doubled
        result = "nothing was doubled" if not doubled else f"{doubled} findings were DOUBLED"
        lines.append(f"{again} sent a second time and accepted; {result}.")
    if tally.retries:
        lines.append(f"{tally.retries:,} posts had to be sent again.")
    lines += [f"Refused: {refusal}" for refusal in tally.refused[:5]]
    return lines


def _incidents(day: Day) -> list[str]:
    cases = day.record.cases
    findings = len(day.record.findings)
    lines = [
        f"{len(cases)} with {findings} findings, over {len(day.themes)} themes.",
        f"The safeguarding lead acknowledged {day.acknowledged} in this run.",
    ]
    if day.before.cases:
        new = len(cases) - len(day.before.cases)
        more = len(day.record.findings) - len(day.before.findings)
        lines.append(
            f"{len(day.before.cases)} incidents with {len(day.before.findings)} findings were "
            f"known from before; this run added {new} and {more}."
        )
        if not new and not more:
            lines.append("The same day again: what is known already is not doubled.")
    return lines


def _alerts(day: Day) -> list[str]:
    new = day.mails - day.mails_before
    delay = day.record.median_to_delivery_s(day.began_at)
    line = f"{_count(new, 'e-mail', 'e-mails')} delivered"
    line += f"; median {delay:.1f} s from an incident to the alert." if delay is not None else "."
    lines = [line]
    if day.mails_before:
        lines.append(f"{day.mails_before} more lie there from before.")
    if day.left_alone is not None:
        lines.append(_climb(day.left_alone))
    return lines


def _climb(case: Case) -> str:
    told = [
        f"{_role(one['role'])} after {_after(case, one):.1f} s"
        for escalation in case.escalations
        for one in escalation["notifications"]
        if one["deliveredAt"]
    ]
    return f"{case.incident['reference']} was left alone on purpose: {', '.join(told)}."


def _after(case: Case, notification: dict[str, Any]) -> float:
    at = datetime.fromisoformat(notification["deliveredAt"])
    return (at - case.opened_at).total_seconds()


def _role(role: str) -> str:
    return {"dsl": "lead", "deputy_dsl": "deputy", "head": "headteacher"}.get(role, role)


def _by_theme(record: Record) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=True, title_justify="left")
    table.add_column("Incidents by theme")
    table.add_column("number", justify="right")
    table.add_column("highest")
    themes = Counter(case.incident["theme"] for case in record.cases)
    for theme, count in themes.most_common():
        highest = max(
            case.incident["severity"] for case in record.cases if case.incident["theme"] == theme
        )
        table.add_row(theme_in_words(theme), str(count), SEVERITIES[highest])
    return table


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
