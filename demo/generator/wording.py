"""Fills templates of texts, titles and addresses from the lists among the sources."""

import re
from functools import cache
from random import Random
from typing import Any

from demo.generator.files import read_toml

_SLOT = re.compile(r"\{(\w+)\}")
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


@cache
def lists(name: str) -> dict[str, Any]:
    """Return a TOML file of lists, read once."""
    return read_toml(name)


def slug(text: str) -> str:
    """Return a text as it stands in an address."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def key(source: Random, length: int = 6) -> str:
    """Return a made-up identifier of a page."""
    return "".join(source.choice(_ALPHABET) for _ in range(length))


def sentence(source: Random, subject: str) -> str:
    """Return something typed in a subject, ``home`` or ``staff``."""
    texts = lists("writing.toml")
    template: str = source.choice(texts["subjects"][subject])
    return _SLOT.sub(lambda m: source.choice(texts["slots"][m[1]]), template)


def topic(source: Random, subject: str) -> str:
    """Return a topic of a subject."""
    chosen: str = source.choice(lists("browsing.toml")["topics"][subject])
    return chosen


def fill(source: Random, template: str, subject: str, about: str) -> str:
    """Fill a template of a title or address with a topic of a subject."""
    return (
        template.replace("{topic}", about)
        .replace("{Topic}", about[0].upper() + about[1:])
        .replace("{Subject}", subject.capitalize())
        .replace("{slug}", slug(about))
        .replace("{Slug}", slug(about).capitalize().replace("-", "_"))
        .replace("{n}", key(source))
    )
