"""The files of a pack: read, checked against a form, and digested."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

Form = TypeVar("Form")


class PackError(ValueError):
    """A pack can't be used; the message names file, line or entry, and the remedy."""


class Reader:
    """Reads a pack's folder. ``digests`` holds the SHA-256 of each file read, by its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[str, str] = {}
        self.digests: dict[str, str] = {}

    def read(self, name: str, form: type[Form]) -> Form:
        """Return the TOML file ``name`` as ``form``. Raises PackError."""
        try:
            raw = (self._folder / name).read_bytes()
        except OSError:
            raise PackError(f"{name}: the file can't be read; a pack needs it") from None
        self.digests[name] = hashlib.sha256(raw).hexdigest()
        try:
            self._texts[name] = raw.decode()
            data: dict[str, Any] = tomllib.loads(self._texts[name])
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise PackError(f"{name}: not TOML in UTF-8: {error}") from None
        try:
            return msgspec.convert(data, form)
        except msgspec.ValidationError as error:
            raise PackError(f"{name}: {error}; correct this value") from None

    def theme_names(self) -> list[str]:
        """Return the names of the theme files, in order."""
        return [f"themes/{path.name}" for path in sorted((self._folder / "themes").glob("*.toml"))]

    def where(self, name: str, words: str) -> str:
        """Return ``file:line`` of the first line of ``name`` that holds ``words``."""
        for number, line in enumerate(self._texts[name].splitlines(), 1):
            if words in line:
                return f"{name}:{number}"
        return name
