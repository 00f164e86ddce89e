"""What people do all day: bursts of reading, writing, chatting and opening windows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote_plus

from demo.generator.chats import OWN_SHARE, Line, dialogues
from demo.generator.files import rng
from demo.generator.people import pupils
from demo.generator.sessions import Session
from demo.generator.wording import fill, lists, sentence, topic

Fields = dict[str, str]
Burst = Iterator[tuple[int, Fields]]
"""What a burst yields: milliseconds after the one before, and the fields of the activity."""

MEAN_PAUSE_MS = {"lesson": 468_000, "break": 218_000, "home": 260_000, "staff": 850_000}
MIX = {
    "lesson": {"read": 30, "write": 34, "chat": 9, "windows": 26, "file": 14, "download": 4},
    "break": {"read": 24, "write": 8, "chat": 32, "windows": 26, "file": 9, "download": 1},
    "home": {"read": 26, "write": 12, "chat": 27, "windows": 26, "file": 9, "download": 2},
    "staff": {"read": 34, "write": 28, "windows": 26, "file": 16, "download": 5},
}
CHAT_APPS = {"lesson": ["Teams"], "break": ["Teams"], "home": ["WhatsApp", "Discord", "Teams"]}
NICKNAMES = [
    "Sam",
    "Alex",
    "mia.x",
    "jojo",
    "tilly_b",
    "max07",
    "lads",
    "netball",
    "gals",
    "Nan",
    "Mum",
    "cuz",
    "ollie.p",
    "hana",
]
SEARCH_SHARE = 0.55
GROUP_SHARE = 0.4


def search_url(query: str) -> str:
    """Return the address of a search for a query."""
    return f"https://www.google.com/search?q={quote_plus(query)}"


@dataclass
class Background:
    """Fills sessions. Every stretch of the chat data is used once at most."""

    source: Random = field(default_factory=lambda: rng("background"))

    def __post_init__(self) -> None:
        taken, self._own = dialogues()
        self._taken = iter(taken)
        self._years: dict[str, list[str]] = {}
        for pupil in pupils():
            self._years.setdefault(pupil.login[:2], []).append(pupil.login)
        self._bursts: dict[str, Callable[[Session], Burst]] = {
            "read": self._read,
            "write": self._write,
            "chat": self._chat,
            "windows": self._windows,
            "file": self._file,
            "download": self._download,
        }
        self._conversations = 0

    def fill(self, session: Session) -> Iterator[tuple[int, Fields]]:
        """Yield the time and fields of every activity of a session, in order of time."""
        mix = MIX[session.scene]
        now = session.start_ms + self.source.randint(5_000, 240_000)
        while now < session.end_ms:
            kind = self.source.choices(list(mix), list(mix.values()))[0]
            for pause, fields in self._bursts[kind](session):
                now += pause
                if now >= session.end_ms:
                    return
                yield now, fields
            now += 15_000 + int(self.source.expovariate(1 / MEAN_PAUSE_MS[session.scene]))

    def _scene(self, session: Session) -> str:
        return "home" if session.subject == "home" else session.scene.replace("break", "lesson")

    def _pause(self, low: int, high: int) -> int:
        return self.source.randint(low * 1000, high * 1000)

    def _read(self, session: Session) -> Burst:
        about = topic(self.source, session.subject)
        scene = self._scene(session)
        pages = lists("browsing.toml")
        if self.source.random() < SEARCH_SHARE:
            wording = self.source.choice(pages["searches"][scene])
            query = fill(self.source, wording, session.subject, about).lower()
            yield self._pause(3, 20), {"kind": "search", "url": search_url(query), "text": query}
        for _ in range(self.source.randint(2, 4)):
            url, title = self.source.choice(pages["pages"][scene])
            yield (
                self._pause(4, 30),
                {
                    "kind": "page_visit",
                    "url": fill(self.source, url, session.subject, about),
                    "title": fill(self.source, title, session.subject, about),
                },
            )

    def _app(self, session: Session) -> str:
        app: str = self.source.choice(lists("windows.toml")["apps"][self._scene(session)])
        return app

    def _write(self, session: Session) -> Burst:
        app = self._app(session)
        yield self._pause(3, 10), {"kind": "app_focus", "application": app}
        for _ in range(self.source.randint(2, 4)):
            text = sentence(self.source, session.subject)
            yield self._pause(10, 35), {"kind": "text_typed", "application": app, "text": text}

    def _windows(self, session: Session) -> Burst:
        title = fill(self.source, "{Topic}", session.subject, topic(self.source, session.subject))
        for _ in range(self.source.randint(4, 7)):
            app = self._app(session)
            fields = {"kind": "app_focus", "application": app, "title": title}
            yield self._pause(3, 20), fields

    def _file(self, session: Session) -> Burst:
        about = topic(self.source, session.subject)
        name = self.source.choice(lists("windows.toml")["files"][self._scene(session)])
        title = fill(self.source, name, session.subject, about)
        yield self._pause(2, 9), {"kind": "file_open", "title": title}

    def _download(self, session: Session) -> Burst:
        about = topic(self.source, session.subject)
        name = self.source.choice(lists("windows.toml")["downloads"][self._scene(session)])
        title = fill(self.source, name, session.subject, about)
        url = f"https://files.greenfield.example/{title}"
        yield self._pause(2, 9), {"kind": "download", "url": url, "title": title}

    def _next_dialogue(self) -> list[Line]:
        if self.source.random() < OWN_SHARE:
            return self.source.choice(self._own)
        return next(self._taken, None) or self.source.choice(self._own)

    def _chat(self, session: Session) -> Burst:
        app = self.source.choice(CHAT_APPS[session.scene])
        peers = self._years[session.login[:2]]
        other = self.source.choice(peers if app == "Teams" else NICKNAMES)
        in_group = self.source.random() < GROUP_SHARE
        self._conversations += 1
        begins = self.source.random() < 0.5  # noqa: PLR2004 - a toss of a coin
        for line in self._next_dialogue() + self._next_dialogue():
            sent = line.first == begins
            fields = {
                "kind": "message_sent" if sent else "message_received",
                "application": app,
                "text": line.text,
                "conversation": f"c{self._conversations}",
            }
            # What goes to a group goes to nobody in particular.
            if not (sent and in_group):
                fields["counterpart"] = other
            yield line.pause_s * 1000 + self.source.randint(200, 3_000), fields
