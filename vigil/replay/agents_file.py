"""Read what agents posted: NDJSON, a line a post (``demo/README.md``)."""

from pathlib import Path

import msgspec

from vigil.replay.post import Post, UnreadableDayError

_OWN = ("send_at_ms", "device", "heartbeat")
"""What a line says about the post; the rest is the body that was posted."""


def read_agents(file: Path) -> list[Post]:
    """The posts in the file's order. Raises UnreadableDayError for the first line that is none."""
    decode = msgspec.json.Decoder(dict).decode
    posts = []
    try:
        with file.open("rb") as lines:
            for number, text in enumerate(lines, start=1):
                if text.strip():
                    posts.append(_post(file, number, decode(text)))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise UnreadableDayError(file, number, "is not a JSON object") from None
    except OSError as error:
        raise UnreadableDayError(file, None, f"can't be read ({error.strerror})") from None
    return posts


def _post(file: Path, number: int, line: dict[str, object]) -> Post:
    at, device = line.get("send_at_ms"), line.get("device")
    if not isinstance(at, int) or not isinstance(device, str):
        raise UnreadableDayError(file, number, "needs send_at_ms (a number) and device (a name)")
    batch = {name: value for name, value in line.items() if name not in _OWN}
    return Post(at, device, None if line.get("heartbeat") else batch, file.name, number)
