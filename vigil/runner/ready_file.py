"""Tells scripts and tests that everything is up, and where."""

import json
from collections.abc import Mapping
from pathlib import Path

from vigil.embedded.private_files import write_private


class ReadyFile:
    """A JSON file (0600) that exists only while everything is ready.

    Pass ``write`` and ``remove`` to ``Supervisor.run``. A file that a killed runner left behind
    is removed here.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.remove()

    def write(self, content: Mapping[str, object]) -> None:
        """Write the file in one step, so that who waits for it never reads half of it."""
        write_private(self._path, json.dumps(content, indent=2, sort_keys=True).encode())

    def remove(self) -> None:
        """Remove the file, if it is there."""
        self._path.unlink(missing_ok=True)
