"""What happens, as lines: which incident opened, and who was told of it after how long."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from services.alerting.domain.words import SEVERITIES, theme_in_words
from vigil.demo.record import Case
from vigil.demo.tempo import PLAN
from vigil.watch.words import STYLES, year_in_words

ROLES = {"dsl": "safeguarding lead", "deputy_dsl": "deputy lead", "head": "headteacher"}
SHORT_ROLES = {"dsl": "lead", "deputy_dsl": "deputy", "head": "head"}
WIDE = 115
"""Columns from which a line holds whole sentences; it must fit into 80."""

Incident = dict[str, Any]


@dataclass
class Board:
    """``clock`` gives the time of the day that is being replayed."""

    console: Console
    clock: Callable[[], str]
    opened: dict[str, Incident] = field(default_factory=dict)
    """The incidents opened in this run."""
    before: set[str] = field(default_factory=set)
    """Those that were there when it began."""
    changed_at: float = field(default_factory=time.monotonic)
    """Monotonic time of the last thing heard."""
    _told: set[tuple[str, int, int]] = field(default_factory=set)
    _began: bool = False

    def begin(self) -> None:
        """From now on, an incident that was not known is a new one."""
        self._began = True

    def heard(self, kind: str, incident: Incident) -> None:
        """An incident is there, or changed."""
        name = incident["incidentId"]
        if kind == "now" and not self._began:
            self.before.add(name)
            return
        self.changed_at = time.monotonic()
        new = name not in self.opened and name not in self.before and kind in ("opened", "now")
        if not new and name not in self.opened:
            return
        self.opened[name] = incident
        if new and incident["severity"] < PLAN.minimum_severity:
            least = SEVERITIES[PLAN.minimum_severity]
            long = f"goes to the inbox: the plan alerts from “{least}” on"
            self._line(incident, long if self._wide else "to the inbox only")

    def delivered(self, case: Case) -> list[str]:
        """The case as it is after an alert was delivered; returns the roles told just now."""
        self.changed_at = time.monotonic()
        roles = []
        for escalation in case.escalations:
            kind, since = case.cause(escalation)
            for notification in escalation["notifications"]:
                key = (
                    case.incident["incidentId"],
                    escalation["severity"],
                    notification["step"],
                )
                if not notification["deliveredAt"] or key in self._told:
                    continue
                self._told.add(key)
                roles.append(notification["role"])
                at = datetime.fromisoformat(notification["deliveredAt"])
                self._line(
                    {**case.incident, "severity": escalation["severity"]},
                    self._words(notification, kind, (at - since).total_seconds()),
                    marked=notification["step"] > 1,
                )
        return roles

    def note(self, subject: str, what: str) -> None:
        """Something else than an incident."""
        self.console.print(
            Text(f"{self.clock()}  {subject:<11}  {what}", style="cyan"), soft_wrap=True
        )

    @property
    def _wide(self) -> bool:
        return self.console.width >= WIDE

    def _words(self, notification: Incident, kind: str, seconds: float) -> str:
        first = notification["step"] == 1
        if not self._wide:
            rose = "" if kind == "opened" else "rose: "
            return f"{rose}{SHORT_ROLES[notification['role']]} told, {seconds:.1f} s"
        nobody = "" if first else "nobody answered: "
        what = "opened" if kind == "opened" else "rose"
        return f"{nobody}{ROLES[notification['role']]} told {seconds:.1f} s after it {what}"

    def _theme(self, incident: Incident) -> str:
        room = 27 if self._wide else 18
        return f"{theme_in_words(incident['theme']):<{room}.{room}}"

    def _line(self, incident: Incident, what: str, *, marked: bool = False) -> None:
        text = Text(f"{self.clock()}  {incident['reference']}  ")
        style = STYLES[incident["severity"]]
        text.append(f"{SEVERITIES[incident['severity']]:<6}", style=style)
        text.append(f"  {self._theme(incident)}", style=style)
        text.append(f"  {year_in_words(incident['yearGroup']):<7}  ")
        text.append(what, style="bold magenta" if marked else "")
        self.console.print(text, soft_wrap=True)
