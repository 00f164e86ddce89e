"""What can go wrong on one machine, in sentences for the person at the terminal."""

from pathlib import Path


class EmbeddedError(Exception):
    """Root of these errors. ``str(error)`` says what happened and what to do about it."""


class DataFolderInUse(EmbeddedError):  # noqa: N818 - reads as the fact it states
    """Another runner, or what an earlier one left behind, holds the data folder."""

    def __init__(self, folder: Path, holder: int | None, *, holder_alive: bool) -> None:
        self.folder = folder
        self.holder = holder
        if holder is not None and holder_alive:
            reason = f"by process {holder}. Stop it (kill {holder})"
        else:
            reason = "by programs of an earlier run that have not ended yet. End them"
        super().__init__(
            f"The data folder {folder} is in use {reason}, or choose another data folder."
        )


class DataFolderUnusable(EmbeddedError):  # noqa: N818 - reads as the fact it states
    """The folder named is not one that Vigil may make private and fill."""


class PortTaken(EmbeddedError):  # noqa: N818 - reads as the fact it states
    """Another program listens on the port that was asked for."""


class MissingServer(EmbeddedError):  # noqa: N818 - reads as the fact it states
    """A server's program is not installed, or can't run on this kind of machine."""


class MissingLibrary(EmbeddedError):  # noqa: N818 - reads as the fact it states
    """A server's program is installed, but a shared library of the system is not."""


class StartFailed(EmbeddedError):  # noqa: N818 - reads as the fact it states
    """A program was not ready as it should be. The text ends with its log."""


class EndedEarly(StartFailed):
    """The program ended before it was ready."""


class NotReadyInTime(StartFailed):
    """The program runs, but took too long to be ready."""
