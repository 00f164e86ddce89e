"""A role, or any other program, that the runner keeps: plain data in, a managed process out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.managed import Managed
from vigil.embedded.probe import answers
from vigil.embedded.process import Command


@dataclass(frozen=True)
class Child:
    """A program to keep. ``env`` is its whole environment; nothing is inherited.

    ``health_url`` is ready when it answers 200 (``http://127.0.0.1:…/readyz``) or accepts a
    connection (``tcp://127.0.0.1:…``); None counts as ready once started.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    health_url: str | None
    log_path: Path


class Program(Managed):
    """One ``Child``, startable again and again. Dies with its runner at once (SIGKILL)."""

    def __init__(self, folder: DataFolder, child: Child, ready_within: float) -> None:
        super().__init__(child.name, ready_within)
        self._folder = folder
        self._child = child

    def command(self) -> Command:
        """Return the start, with the folder's lock to hold as long as it runs."""
        return Command(
            argv=self._child.argv,
            env=self._child.env,
            log_path=self._child.log_path,
            inherit=(self._folder.lock_fd,),
        )

    async def settled(self) -> bool:
        """Ask the health address."""
        return self._child.health_url is None or await answers(self._child.health_url)
