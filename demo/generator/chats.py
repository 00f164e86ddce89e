"""Conversations for the day: stretches of chitchat-dataset that pass a filter, and our own.

chitchat-dataset 0.9.0 holds 258,145 messages of real volunteers (MIT, see ``LICENCES.txt``).
A message passes only if no pattern of ``chat_filter.toml`` matches, every word is common in the
data set, and no word is one that its writers mostly spell with a capital, as names are.
"""

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import chitchat_dataset

from demo.generator.files import SOURCES, read_toml, rng

MIN_OCCURRENCES = 60
MIN_LINES = 5
MAX_LINES = 24
MAX_LENGTH = 80
MAX_PAUSE_S = 45
OWN_SHARE = 0.15
_WORD = re.compile(r"[A-Za-z']+")
_ONE_WORD = re.compile(r"(\\b|[a-z'?()|])+")
_MID_SENTENCE = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z']*")


@dataclass(frozen=True)
class Line:
    """One message: who of the two speaks, how many seconds after the one before, and what."""

    first: bool
    pause_s: int
    text: str


def _messages(conversation: dict[str, Any]) -> list[dict[str, str]]:
    return [message for turn in conversation["messages"] for message in turn]


class _Filter:
    """Decides which messages may be used; knows the words of the whole data set."""

    def __init__(self, texts: list[str]) -> None:
        lists: dict[str, list[str]] = read_toml("chat_filter.toml")
        patterns = [p for part in lists.values() for p in part]
        word_barred = re.compile("|".join(patterns))
        # Patterns of one word are settled by the vocabulary; these look at the whole message.
        self._barred = re.compile("|".join(p for p in patterns if not _ONE_WORD.fullmatch(p)))
        words: Counter[str] = Counter()
        capitals: Counter[str] = Counter()
        for text in texts:
            words.update(_WORD.findall(text.lower()))
            capitals.update(w.lower() for w in _MID_SENTENCE.findall(text))
        self._usual = {
            w
            for w, count in words.items()
            if count >= MIN_OCCURRENCES and capitals[w] * 4 < count and not word_barred.search(w)
        } | {"i"}
        groups = read_toml("names.toml")["group"]
        self._usual -= {name.lower() for g in groups for name in g["given"].split()}

    def passes(self, text: str) -> bool:
        if not 1 < len(text) <= MAX_LENGTH or not text.isprintable():
            return False
        # Words first: they turn most messages away, and the patterns are slow.
        lower = text.lower()
        if not self._usual.issuperset(_WORD.findall(lower)):
            return False
        return not (_MID_SENTENCE.search(text.replace("I", "i")) or self._barred.search(lower))


def _stretches(messages: list[dict[str, str]], wanted: _Filter) -> list[list[dict[str, str]]]:
    runs: list[list[dict[str, str]]] = [[]]
    for message in messages:
        if wanted.passes(message["text"]) and len(runs[-1]) < MAX_LINES:
            runs[-1].append(message)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) >= MIN_LINES and len({m["sender"] for m in run}) > 1]


def _as_lines(run: list[dict[str, str]]) -> list[Line]:
    times = [datetime.fromisoformat(m["timestamp"]) for m in run]
    pauses = [0] + [
        min(MAX_PAUSE_S, max(2, int((b - a).total_seconds()))) for a, b in itertools.pairwise(times)
    ]
    opener = run[0]["sender"]
    return [
        Line(m["sender"] == opener, pause, m["text"].strip())
        for m, pause in zip(run, pauses, strict=True)
    ]


def _own() -> list[list[Line]]:
    source = rng("school chats")
    chats = (SOURCES / "school_chats.txt").read_text("utf-8").strip().split("\n\n")
    return [
        [Line(line[0] == "A", source.randint(4, 40), line[2:]) for line in chat.splitlines()]
        for chat in chats
    ]


@cache
def dialogues() -> tuple[list[list[Line]], list[list[Line]]]:
    """Return the stretches taken from the data set, each once and shuffled, and our own chats."""
    conversations = [_messages(c) for c in chitchat_dataset.Dataset().values()]
    wanted = _Filter([m["text"] for messages in conversations for m in messages])
    runs = [run for messages in conversations for run in _stretches(messages, wanted)]
    taken = [_as_lines(run) for run in runs]
    rng("dialogues").shuffle(taken)
    return taken, _own()
