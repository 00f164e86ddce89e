"""The marks: made-up words whose only way into a store is the content of this day."""

from collections.abc import Iterator
from typing import Any

from demo.generator.files import DEMO
from demo.generator.stories import Label

MARKS = DEMO / "greenfield" / "marks.txt"


def marks() -> list[str]:
    """Return the marks, in the order of the file."""
    return MARKS.read_text("utf-8").split()


def marks_in_activities(posts: list[dict[str, Any]]) -> Iterator[tuple[str, Label]]:
    """Yield the id and the label of every activity that carries a mark outside its login."""
    seen = set()
    for post in posts:
        for activity in post.get("activities", ()):
            for name, value in activity.items():
                found = [m for m in marks_of(str(value)) if name != "login"]
                for mark in found:
                    if (activity["id"], mark, name) not in seen:
                        seen.add((activity["id"], mark, name))
                        yield activity["id"], Label("mark", "", note=f"{mark} in {name}")


def marks_in_lines(lines: list[str]) -> Iterator[tuple[str, Label]]:
    """Yield the name and the label of every line of the proxy whose address carries a mark."""
    for number, line in enumerate(lines, start=1):
        for mark in marks_of(line.split()[6]):
            yield f"squid:{number}", Label("mark", "", note=f"{mark} in url")


_MARKS = marks()


def marks_of(text: str) -> list[str]:
    """Return the marks in a text."""
    lower = text.lower()
    return [m for m in _MARKS if m in lower]
