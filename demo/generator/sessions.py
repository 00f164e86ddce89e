"""Who sits at which device when, and doing what: the day before anything is typed."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from demo.generator.clock import MINUTE_MS, at
from demo.generator.devices import Device, devices
from demo.generator.files import rng
from demo.generator.people import pupils

PERIODS = (
    ("08:55", "09:55"),
    ("09:55", "10:55"),
    ("11:15", "12:15"),
    ("12:15", "13:15"),
    ("14:05", "15:05"),
)
BREAKS = (("10:56", "11:14"), ("13:16", "14:03"))
LIBRARY = (
    ("07:50", "08:38"),
    ("10:56", "11:14"),
    ("13:16", "13:38"),
    ("13:40", "14:03"),
    ("15:10", "15:45"),
    ("15:50", "16:30"),
)
LESSONS = [
    "english",
    "maths",
    "science",
    "history",
    "geography",
    "re",
    "computing",
    "french",
    "art",
    "pe",
    "business",
]
LESSON_SHARE = 0.75
BREAK_SHARE = 0.55
TROLLEY_SHARE = 0.85
EVENINGS = (("15:45", "18:30"), ("18:30", "20:15"), ("20:15", "22:00"))
EVENING_SHARE = 0.6
STAFF_HOURS = (("07:40", "08:40"), ("09:00", "10:50"), ("11:20", "13:10"), ("14:10", "17:10"))


@dataclass(frozen=True)
class Session:
    """One login at one device from start to end. ``scene`` is lesson, break, home or staff."""

    device: Device
    login: str
    start_ms: int
    end_ms: int
    scene: str
    subject: str


def _own(device: Device, source: Random) -> Iterator[Session]:
    for start, end in PERIODS:
        if source.random() < LESSON_SHARE:
            subject = source.choice(LESSONS)
            yield Session(device, device.login, at(start), at(end), "lesson", subject)
    for start, end in BREAKS:
        if source.random() < BREAK_SHARE:
            yield Session(device, device.login, at(start), at(end), "break", "home")
    for start, end in EVENINGS:
        if source.random() < EVENING_SHARE:
            length = source.randint(20, 50) * MINUTE_MS
            begin = source.randint(at(start), at(end) - length)
            yield Session(device, device.login, begin, begin + length, "home", "home")


def _shared(device: Device, logins: list[str], source: Random) -> Iterator[Session]:
    is_library = device.kind == "desktop"
    for start, end in LIBRARY if is_library else PERIODS:
        if source.random() < TROLLEY_SHARE:
            login = logins.pop(source.randrange(len(logins)))
            scene = "break" if is_library else "lesson"
            subject = source.choice([*LESSONS, "home"]) if is_library else source.choice(LESSONS)
            yield Session(device, login, at(start), at(end), scene, subject)


def sessions() -> list[Session]:
    """Return every session of the day, device by device, none overlapping another."""
    source = rng("sessions")
    owners = {d.login for d in devices()}
    logins = [p.login for p in pupils() if p.login not in owners]
    every: list[Session] = []
    for device in devices():
        if device.kind == "proxy":
            continue
        if not device.login:
            every += _shared(device, logins, source)
        elif device.login[0].isdigit():
            every += _own(device, source)
        else:
            every += [
                Session(device, device.login, at(s), at(e), "staff", "staff")
                for s, e in STAFF_HOURS
            ]
    return every
