"""The writer and reader processes of a run, replaced when they are killed."""

import subprocess
import sys
import time
from pathlib import Path

from tests.servers import die_with_parent

REPOSITORY = Path(__file__).parents[2]
TAILS = ("tail", "subscription")
PROJECTION = "projection"


class Crew:
    """Used from the main thread only: processes die with the thread that started them."""

    def __init__(self, url: str, folder: Path, seed: int, writers: int) -> None:
        self._url, self._folder, self._seed = url, folder, str(seed)
        self._lives = dict.fromkeys(range(writers), 0)
        self._writers: dict[int, subprocess.Popen[bytes]] = {}
        self._readers: dict[str, subprocess.Popen[bytes]] = {}
        self.problems: list[str] = []

    def complete(self) -> None:
        """Start whoever is not running; a process that ended by itself is a problem."""
        for number, life in self._lives.items():
            if not _runs(self._writers.get(number)):
                self._note(f"writer {number}", self._writers.get(number))
                self._writers[number] = self._start("writer", f"w{number}-{life}")
                self._lives[number] += 1
        for way in (*TAILS, PROJECTION):
            if not _runs(self._readers.get(way)):
                self._note(way, self._readers.get(way))
                # A new reader by position would begin a new history.
                if way not in self._readers or way == PROJECTION:
                    self._readers[way] = self._start("reader", way)

    def kill_writer(self, number: int) -> None:
        self._writers[number].kill()
        self._writers[number].wait()

    def kill_projection(self) -> None:
        self._readers[PROJECTION].kill()
        self._readers[PROJECTION].wait()

    def end_writers(self, within_s: float) -> None:
        (self._folder / "stop").touch()
        self._end({f"writer {n}": process for n, process in self._writers.items()}, within_s)

    def end_readers(self, position: int, within_s: float) -> None:
        """The projection ends at ``position``, the others at the end mark."""
        path = self._folder / "until.part"
        path.write_text(str(position))
        path.rename(self._folder / "until")
        self._end(self._readers, within_s)

    def kill(self) -> None:
        """Leave nobody behind."""
        for process in (*self._writers.values(), *self._readers.values()):
            process.kill()
            process.wait()

    def _end(self, processes: dict[str, subprocess.Popen[bytes]], within_s: float) -> None:
        deadline = time.monotonic() + within_s
        for name, process in processes.items():
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                self.problems.append(f"{name} did not end within {within_s} s")
                process.kill()
                process.wait()
            self._note(name, process)

    def _note(self, name: str, process: subprocess.Popen[bytes] | None) -> None:
        if process is not None and process.returncode not in (0, -9):
            self.problems.append(f"{name} ended with {process.returncode}")

    def _start(self, program: str, name: str) -> subprocess.Popen[bytes]:
        arguments = (self._url, str(self._folder), name, self._seed)
        with (self._folder / f"{program}-{name}.err").open("ab") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", f"tests.chaos.{program}", *arguments],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has no threads that hold locks
            )


def _runs(process: subprocess.Popen[bytes] | None) -> bool:
    return process is not None and process.poll() is None
