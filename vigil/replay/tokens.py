"""The tokens that ``vigil device enrol --out`` wrote, by device name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec


class Enrolled(msgspec.Struct, frozen=True):
    """One device as it was enrolled."""

    name: str
    kind: str
    device_id: str
    token: str


class TokensError(ValueError):
    """The file holds no tokens, or not those that are needed; a sentence."""


@dataclass(frozen=True)
class Tokens:
    """Device name to its enrolment."""

    of: Mapping[str, Enrolled]

    @classmethod
    def read(cls, file: Path) -> "Tokens":
        """The file's tokens. Raises TokensError."""
        try:
            found = msgspec.json.decode(file.read_bytes(), type=list[Enrolled])
        except (OSError, msgspec.MsgspecError):
            raise TokensError(
                f"{file} holds no tokens: `vigil device enrol --file … --out {file}` writes them."
            ) from None
        return cls({one.name: one for one in found})

    def proxy(self) -> str:
        """The name of the device of kind proxy. Raises TokensError if there is not just one."""
        proxies = sorted(name for name, one in self.of.items() if one.kind == "proxy")
        if len(proxies) != 1:
            found = ", ".join(proxies) or "none"
            raise TokensError(f"Name the proxy with --proxy-device; devices of that kind: {found}.")
        return proxies[0]

    def require(self, names: Iterable[str]) -> None:
        """Raise TokensError naming the devices that have no token."""
        missing = sorted(set(names) - self.of.keys())
        if missing:
            shown = ", ".join(missing[:10]) + (" …" if len(missing) > 10 else "")  # noqa: PLR2004
            raise TokensError(f"No token for {len(missing)} device(s): {shown}. Enrol them first.")
