"""Files and folders that only their owner may read, and that are never seen half written."""

import os
import tempfile
from pathlib import Path


def private_folder(path: Path) -> Path:
    """Create ``path`` (0700, parents too) unless it exists, and return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace ``path`` with ``content`` in one step: readers see the old file or the new one."""
    draft = _draft(path, content, mode)
    draft.replace(path)


def create_private(path: Path, content: bytes, mode: int = 0o400) -> None:
    """Create ``path`` with ``content``, durably, in one step.

    Raises FileExistsError when somebody was faster; their file is left as it is.
    """
    draft = _draft(path, content, mode)
    try:
        # A link, unlike a rename, refuses to replace a file.
        path.hardlink_to(draft)
    finally:
        draft.unlink()


def _draft(path: Path, content: bytes, mode: int) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    return Path(name)
