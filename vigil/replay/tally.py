"""What came of a replay."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refusal:
    """A post that capture will not take, however often it is sent."""

    file: str
    line: int
    device: str
    status: int
    reason: str

    def __str__(self) -> str:
        """The place and the reason, in a line."""
        return f"{self.file} line {self.line} ({self.device}): {self.status} {self.reason}"


@dataclass
class Tally:
    """Counts of one replay. Latencies in milliseconds, of posts that were answered."""

    accepted: int = 0
    """Activities that capture stored."""
    batches: int = 0
    duplicate_batches: int = 0
    """Batches that capture had already; accepted, and stored once."""
    duplicates: int = 0
    """Activities in those batches."""
    heartbeats: int = 0
    retries: int = 0
    refused: list[Refusal] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)

    @property
    def posts(self) -> int:
        """Posts that are settled."""
        return self.batches + self.heartbeats + len(self.refused)

    def latency_ms(self, share: float) -> float:
        """The latency that ``share`` (0 to 1) of the batches stay below or at; 0 without any."""
        ordered = sorted(self.latencies_ms)
        if not ordered:
            return 0.0
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def as_data(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "accepted_activities": self.accepted,
            "accepted_batches": self.batches,
            "duplicate_batches": self.duplicate_batches,
            "duplicate_activities": self.duplicates,
            "heartbeats": self.heartbeats,
            "retries": self.retries,
            "post_ms": {
                "p50": round(self.latency_ms(0.50), 1),
                "p99": round(self.latency_ms(0.99), 1),
            },
            "refused": [
                {
                    "file": one.file,
                    "line": one.line,
                    "device": one.device,
                    "status": one.status,
                    "reason": one.reason,
                }
                for one in self.refused
            ],
        }
