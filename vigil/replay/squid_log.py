"""Read a Squid log: what the proxy, as a device, would have posted."""

from pathlib import Path

import msgspec

from agents.connectors.squid import LogError, batches, parse
from vigil.replay.post import Post, UnreadableDayError


def read_squid(file: Path, device: str) -> list[Post]:
    """The proxy's batches in order of sending. Raises UnreadableDayError, naming the line."""
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            made = list(batches(parse(lines)))
    except LogError as error:
        raise UnreadableDayError(file, None, str(error)) from None
    except OSError as error:
        raise UnreadableDayError(file, None, f"can't be read ({error.strerror})") from None
    posts = []
    for at_ms, batch in made:
        first_line = int(batch.activities[0].id.rpartition(":")[2])
        posts.append(Post(at_ms, device, msgspec.to_builtins(batch), file.name, first_line))
    return sorted(posts, key=lambda post: post.send_at_ms)
