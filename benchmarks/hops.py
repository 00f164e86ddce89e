"""The latencies of each hop of the story while nothing else is going on."""

from dataclasses import dataclass

from figures import Summary, in_ms
from load_generator import in_own_process
from others import Others
from progress import say
from rates import concerns
from records import Story, place, records, stories
from running import Running
from subscriber import Arrivals
from workload import Workload

BATCH = 10
BATCHES_PER_S = 5.0

HOPS = (
    ("POST begins", "202 answered", "due", "answered"),
    ("POST begins", "batch stored in ACTIVITY", "due", "stored"),
    ("batch stored", "finding stored in FINDINGS", "stored", "found"),
    ("finding stored", "commit written by MongoDB's primary", "found", "committed"),
    ("commit written", "IncidentOpened stored in INCIDENTS", "committed", "published"),
    ("IncidentOpened stored", "pushed to the DSL's page", "published", "pushed"),
    ("IncidentOpened stored", "alert stored in ALERTS", "published", "alerted"),
    ("IncidentOpened stored", "e-mail on the SMTP server's disk", "published", "mailed"),
    ("**POST begins**", "**pushed to the DSL's page**", "due", "pushed"),
    ("**POST begins**", "**e-mail on the SMTP server's disk**", "due", "mailed"),
)


@dataclass(frozen=True)
class Hops:
    """Milliseconds of each hop, in the order of ``HOPS``."""

    incidents: int
    others_cores: float
    hops: list[Summary]


async def tell(system: Running, arrivals: Arrivals, workload: Workload, incidents: int) -> Hops:
    """Let ``incidents`` incidents happen one after the other, each in a batch of its own."""
    seconds = incidents / BATCHES_PER_S
    say(f"hops: {incidents} incidents, {BATCHES_PER_S:g} a second")
    posts = workload.at_rate(BATCH * BATCHES_PER_S, seconds, batch=BATCH, one_alarms_in=BATCH)
    await system.idle()
    since, others = await place(system), Others(system)
    host, port = system.found_at["capture"].removeprefix("http://").split(":")
    result = await in_own_process(posts, host, int(port))
    disturbed = others.cores()
    await system.idle()
    told = stories(concerns(posts, result), await records(system, since), arrivals.opened)
    hops = Hops(len(told), disturbed, [_hop(told, first, second) for _, _, first, second in HOPS])
    say(
        f"hops: POST to page p50 {hops.hops[-2].p50:.0f} ms, to mail {hops.hops[-1].p50:.0f} ms, "
        f"others used {disturbed:.2f} cores"
    )
    return hops


def _hop(told: list[Story], first: str, second: str) -> Summary:
    return in_ms((getattr(story, first), getattr(story, second)) for story in told)
