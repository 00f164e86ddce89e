"""What sealing, signing and verifying cost in capture's and evaluation's own code, in CPU."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_bytes
from statistics import median

import msgspec
from progress import say
from rounds import Compared, add, compared, cpu_us
from schools import Device
from workload import Workload

from chassis.auth import Issuer, Signer, Verifier, new_key_pair
from chassis.bus import headers as h
from chassis.bus.proof import believable, sign
from chassis.clock import now_ms
from chassis.sealing import KEY_BYTES, SealKey
from contracts.activity import Batch
from contracts.capture.v1.capture_pb2 import ActivityBatch
from services.capture.application.accept_batch import parse
from services.policy.evaluation.adapters.assembly import assemble
from services.policy.evaluation.domain.evaluate import evaluate
from services.policy.evaluation.domain.policy import RosterFacts

SCHOOL, DEVICE, SUBJECT = "school-1", "device-1", "activity.school-1.device-1"
HEADERS = {h.TYPE: "capture.ActivityBatch.v1", h.TENANT: SCHOOL, h.MESSAGE_ID: "device-1:batch"}
TIMES = 100
_decode = msgspec.json.Decoder(Batch).decode


@dataclass(frozen=True)
class Part:
    """A part of a path and the microseconds of CPU a batch of 100 takes there."""

    path: str
    part: str
    us: float


@dataclass(frozen=True)
class InProcess:
    """Both paths by part, and the comparisons."""

    body_bytes: int
    parts: list[Part]
    compared: list[Compared]


class Paths:
    """The parts as the services run them, on one batch of 100."""

    def __init__(self) -> None:
        private, public = new_key_pair()
        self.signer = Signer("capture", private)
        users, users_public = new_key_pair()
        self.verifier = Verifier(
            {
                "capture": Issuer(public.decode(), "itself"),
                "users": Issuer(users_public.decode(), "users"),
            }
        )
        token = Signer("users", users).sign(tenant=SCHOOL, role="dsl", subject="u-1", ttl_s=3600)
        self.token = token[0]
        self.key = SealKey("key-1", "person-1", token_bytes(KEY_BYTES))
        device = Device(SCHOOL, "token", "24.robin.ashgrove")
        post = Workload([device]).at_rate(100, 1, batch=100, one_alarms_in=10**9)[0]
        self.body, self.place = post.body, f"activity:{DEVICE}:batch"
        self.sealed = self.key.seal(self.body, self.place)
        self.payload = self.message(self.sealed)
        self.signed = HEADERS | sign(self.signer, SUBJECT, HEADERS, self.payload)
        self.evaluation = assemble()
        self.facts = RosterFacts("pupil", 9)

    def message(self, sealed: bytes) -> bytes:
        """The batch as it is stored."""
        now = now_ms()
        return ActivityBatch(
            device_id=DEVICE,
            batch_id="batch",
            key_id="key-1",
            person_id="person-1",
            count=100,
            received_at_ms=now,
            first_occurred_at_ms=now,
            last_occurred_at_ms=now,
            sealed=sealed,
        ).SerializeToString()

    def take_in(self, *, sealing: bool = True, signing: bool = True) -> object:
        """What capture does with a body before it publishes."""
        parse(self.body, now_ms())
        sealed = self.key.seal(self.body, self.place) if sealing else self.body
        payload = self.message(sealed)
        return sign(self.signer, SUBJECT, HEADERS, payload) if signing else HEADERS

    def believe(self) -> bool:
        """What every consumer asks of a message."""
        publishers = frozenset({"capture"})
        return believable(self.verifier, publishers, SUBJECT, self.signed, self.payload)

    def judge(self) -> int:
        """What evaluation does with an open batch."""
        activities = _decode(self.body).activities
        return sum(len(evaluate(a, self.facts, self.evaluation)) for a in activities)

    def read(self, *, sealing: bool = True, signing: bool = True) -> object:
        """What evaluation does with a message."""
        believed = self.believe() if signing else True
        batch = ActivityBatch.FromString(self.payload)
        body = self.key.open(batch.sealed, self.place) if sealing else self.body
        return believed, body, self.judge()

    def verify_anew(self) -> object:
        """Verify a user's token that was not seen before."""
        self.verifier._seen.clear()  # noqa: SLF001 - the point is to go past the cache
        return self.verifier.verify(self.token)


def measure(rounds: int) -> InProcess:
    """CPU by part, medians over ``rounds`` alternating rounds."""
    paths = Paths()
    say(f"costs in process: {rounds} rounds")
    parts: dict[tuple[str, str], Callable[[], object]] = {
        ("capture", "hash the device token"): lambda: sha256(b"x" * 43).hexdigest(),
        ("capture", "decode and validate JSON"): lambda: parse(paths.body, now_ms()),
        ("capture", "seal (AES-256-GCM)"): lambda: paths.key.seal(paths.body, paths.place),
        ("capture", "build the message"): lambda: paths.message(paths.sealed),
        ("capture", "sign (SHA-256, Ed25519)"): lambda: sign(
            paths.signer, SUBJECT, HEADERS, paths.payload
        ),
        ("evaluation", "verify the signature"): paths.believe,
        ("evaluation", "open the seal"): lambda: paths.key.open(paths.sealed, paths.place),
        ("evaluation", "decode and evaluate"): paths.judge,
    }
    ways: dict[str, Callable[[], object]] = {
        "capture": paths.take_in,
        "capture unsealed": lambda: paths.take_in(sealing=False),
        "capture unsigned": lambda: paths.take_in(signing=False),
        "capture neither": lambda: paths.take_in(sealing=False, signing=False),
        "evaluation": paths.read,
        "evaluation neither": lambda: paths.read(sealing=False, signing=False),
        "jwt anew": paths.verify_anew,
        "jwt cached": lambda: paths.verifier.verify(paths.token),
    }
    work = {f"{path}: {part}": call for (path, part), call in parts.items()} | ways
    cpu_us(work, times=TIMES)
    seen: dict[str, list[float]] = {}
    for _ in range(rounds):
        add(seen, cpu_us(work, times=TIMES))
    return InProcess(
        len(paths.body),
        [Part(path, part, median(seen[f"{path}: {part}"])) for path, part in parts],
        [
            compared("capture: sealed / not sealed", seen, "capture", "capture unsealed"),
            compared("capture: signed / not signed", seen, "capture", "capture unsigned"),
            compared("capture: both / neither", seen, "capture", "capture neither"),
            compared(
                "evaluation: verified and opened / neither",
                seen,
                "evaluation",
                "evaluation neither",
            ),
            compared(
                "user's token: verified anew / from the cache", seen, "jwt anew", "jwt cached"
            ),
        ],
    )
