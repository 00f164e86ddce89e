"""What is posted when: harmless batches, and one in so many with an activity that alarms."""

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from schools import Device

TEXT_BYTES = 200
CONCERN = "i want to kill myself tonight"
"""Found by a strong rule: severity 4 or 5, so the plan tells the DSL."""

_CLAUSES = (
    *("the river in chapter two floods every spring", "we measured the table in centimetres"),
    *("my essay about the rainforest is nearly done", "the quiz on fractions is on thursday"),
    *("please share the slides about volcanoes", "the choir practises in the main hall"),
    *("our group drew a map of the coast", "the experiment with magnets worked"),
    *("she wrote three paragraphs about the castle", "the library closes at four"),
    *("we need two more sources for the timeline", "his poem about autumn leaves rhymes"),
    *("the timetable for next week has changed", "add a title to the bar chart"),
)


@dataclass(frozen=True)
class Post:
    """A batch to send ``at`` seconds after the start. ``concern`` is its alarming activity's id."""

    at: float
    school: str
    token: str
    body: bytes
    concern: str | None


class Workload:
    """Makes posts. Each concern is another pupil's, so that each opens an incident."""

    def __init__(self, devices: Sequence[Device], seed: int = 1) -> None:
        self._devices = devices
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._next = 0
        self._fresh = 0

    @property
    def fresh_left(self) -> int:
        """Pupils about whom there is no incident yet."""
        return len(self._devices) - self._fresh

    def first_words(self) -> list[Post]:
        """One harmless activity of each pupil, so that every key exists."""
        return [self._post(0.002 * n, d, 1, alarms=False) for n, d in enumerate(self._devices)]

    def at_rate(
        self, activities_per_s: float, seconds: float, *, batch: int, one_alarms_in: int
    ) -> list[Post]:
        """Batches of ``batch`` activities, evenly spaced. ``one_alarms_in`` counts activities."""
        posts = []
        every = max(1, one_alarms_in // batch)
        for number in range(round(activities_per_s * seconds / batch)):
            at = number * batch / activities_per_s
            if number % every == every // 2:
                device, self._fresh = self._devices[self._fresh], self._fresh + 1
                posts.append(self._post(at, device, batch, alarms=True))
            else:
                device = self._devices[self._next % len(self._devices)]
                # Neighbours in the list share a school: far steps spread the work over all.
                self._next += 7
                posts.append(self._post(at, device, batch, alarms=False))
        return posts

    def _post(self, at: float, device: Device, size: int, *, alarms: bool) -> Post:
        name = uuid4().hex[:12]
        now = int(time.time() * 1000)
        activities = [
            {
                "id": f"{name}-{number}",
                "occurred_at_ms": now - size + number,
                "login": device.login,
                "kind": "text_typed",
                "application": "Docs",
                "text": self._text(),
            }
            for number in range(size)
        ]
        concern = None
        if alarms:
            alarming = activities[size // 2]
            alarming["text"] = _cut(f"{CONCERN}. {alarming['text']}")
            concern = str(alarming["id"])
        body = json.dumps({"batch_id": name, "activities": activities}, separators=(",", ":"))
        return Post(at, device.school, device.token, body.encode(), concern)

    def _text(self) -> str:
        return _cut(". ".join(self._random.choices(_CLAUSES, k=7)))


def _cut(text: str) -> str:
    """At most ``TEXT_BYTES`` of ``text``, in whole words: half a word can be a slur."""
    return text[: TEXT_BYTES + 1].rpartition(" ")[0]
