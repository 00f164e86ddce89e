"""The proxy's log of the day in Squid's native format.

``time.ms elapsed client code/status bytes method URL login hierarchy/peer type``: the default
``logformat squid`` of the Squid manual. The proxy opens TLS, as school filters do, so it sees
whole addresses, except of the hosts it only tunnels.
"""

from collections.abc import Iterator
from random import Random
from urllib.parse import quote_plus

from demo.generator.clock import at
from demo.generator.files import read_toml, rng
from demo.generator.people import pupils, staff
from demo.generator.sessions import LESSONS
from demo.generator.stories import Label, label_of
from demo.generator.wording import fill, key, lists, topic

PUPILS = 190
STAFF = 22
LINES = 2_800
ENGINES = {
    "google": "https://www.google.com/search?q=",
    "bing": "https://www.bing.com/search?q=",
    "youtube": "https://www.youtube.com/results?search_query=",
}
ENGINE_WEIGHTS = (70, 15, 15)
Entry = tuple[int, str, Label | None]


class _Proxy:
    """Writes lines; gives every login one address for the day."""

    def __init__(self) -> None:
        self.source = rng("squid")
        self._clients: dict[str, str] = {}

    def line(self, now: int, login: str, method: str, url: str, kind: str) -> str:
        source = self.source
        client = self._clients.setdefault(
            login, f"10.20.{len(self._clients) // 200 + 1}.{len(self._clients) % 200 + 20}"
        )
        host = url.rsplit("//", maxsplit=1)[-1].split("/", maxsplit=1)[0].split(":", maxsplit=1)[0]
        size = source.randint(900, 90_000)
        result, peer = "TCP_MISS/200", f"HIER_DIRECT/{host}"
        if method == "CONNECT":
            result, kind = "TCP_TUNNEL/200", "-"
        elif kind != "text/html" and source.random() < 0.3:  # noqa: PLR2004 - a usual hit rate
            result, peer = "TCP_MEM_HIT/200", "HIER_NONE/-"
        elapsed = source.randint(1, 900)
        stamp = f"{now // 1000}.{now % 1000:03}"
        return f"{stamp} {elapsed:6} {client} {result} {size} {method} {url} {login} {peer} {kind}"


def _planted(proxy: _Proxy) -> Iterator[Entry]:
    for story in read_toml("squid_stories.toml")["lines"]:
        url = story.get("url") or ENGINES[story["engine"]] + quote_plus(story["search"])
        now = at(story["at"]) + proxy.source.randint(0, 999)
        yield now, proxy.line(now, story["who"], "GET", url, "text/html"), label_of(story)


def _page(source: Random, scene: str, subject: str) -> str:
    about = topic(source, subject)
    pages = lists("browsing.toml")
    if source.random() < 0.4:  # noqa: PLR2004 - about two searches to three pages
        query = fill(source, source.choice(pages["searches"][scene]), subject, about).lower()
        engine = source.choices(list(ENGINES.values()), ENGINE_WEIGHTS)[0]
        return engine + quote_plus(query)
    return fill(source, source.choice(pages["pages"][scene])[0], subject, about)


def _visit(proxy: _Proxy, login: str, now: int) -> Iterator[Entry]:
    source = proxy.source
    scene, subject = source.choices(
        [("lesson", source.choice(LESSONS)), ("home", "home")], (75, 25)
    )[0]
    if not login[0].isdigit():
        scene = subject = "staff"
    hosts = lists("browsing.toml")["hosts"]
    if source.random() < 0.25:  # noqa: PLR2004 - one visit in four wakes a background service
        yield now, proxy.line(now, login, "CONNECT", source.choice(hosts["tunnels"]), "-"), None
    now += source.randint(50, 2_000)
    yield now, proxy.line(now, login, "GET", _page(source, scene, subject), "text/html"), None
    for _ in range(source.randint(0, 2)):
        now += source.randint(20, 700)
        url, kind = source.choice(hosts["parts"])
        whole = "https://" + url.replace("{n}", key(source))
        yield now, proxy.line(now, login, "GET", whole, kind), None


def squid_log() -> tuple[list[str], dict[int, Label]]:
    """Return the lines in order of time, and the labels by line number, counted from one."""
    proxy = _Proxy()
    source = proxy.source
    logins = source.sample([p.login for p in pupils()], PUPILS)
    logins += source.sample([p.login for p in staff()], STAFF)
    entries = list(_planted(proxy))
    while len(entries) < LINES:
        now = source.randint(at("07:45"), at("16:30"))
        entries += _visit(proxy, source.choice(logins), now)
    entries.sort(key=lambda e: e[0])
    lines = [line for _, line, _ in entries]
    return lines, {n: label for n, (_, _, label) in enumerate(entries, 1) if label}
