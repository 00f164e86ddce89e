"""A refusal on the wire: kind in a header, slug and sentence in two more.

Headers, not a message, so that the chassis needs no contract.
"""

from collections.abc import Mapping

from chassis.bus import headers as h
from chassis.errors import KINDS, InternalError, VigilError


def to_headers(error: VigilError) -> dict[str, str]:
    """The headers of a refusal. Newlines cannot stand in a header."""
    return {
        h.ERROR: error.kind,
        h.ERROR_SLUG: error.slug,
        h.ERROR_MESSAGE: " ".join(error.message.split()),
    }


def from_headers(headers: Mapping[str, str]) -> VigilError | None:
    """The refusal that ``headers`` hold, or None."""
    kind = headers.get(h.ERROR)
    if kind is None:
        return None
    cls = KINDS.get(kind, InternalError)
    return cls(headers.get(h.ERROR_SLUG, "unknown"), headers.get(h.ERROR_MESSAGE, ""))
