"""Reads a pack's folder and checks it; a broken pack names its file, line and remedy."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from services.policy.evaluation.domain.pack import Cues, Entry, Pack
from services.policy.evaluation.domain.phrase import Compiled, PhraseError, compile_phrase
from services.policy.evaluation.domain.themes import THEMES
from services.policy.evaluation.packs.forms import CUES, About, AllowFile, ThemeFile
from services.policy.evaluation.packs.reader import PackError, Reader

DEFAULT_PACK = Path(__file__).parent / "en_gb"
"""The pack that comes with Vigil."""

_NUMBERED = re.compile(r"(\d{4}) (\S.*)")

Slots = Mapping[str, Compiled]


def load_pack(folder: Path = DEFAULT_PACK) -> Pack:
    """Read the pack in ``folder``. Raises PackError where it is broken."""
    reader = Reader(folder)
    about = reader.read("pack.toml", About)
    slots = _slots(reader)
    entries = tuple(
        entry for name in reader.theme_names() for entry in _entries(reader, name, about.id, slots)
    )
    if not entries:
        raise PackError("themes/: no phrase found; a pack needs a theme file with phrases")
    return Pack(
        id=about.id,
        version=about.version,
        language=about.language,
        licence=about.licence,
        entries=entries,
        allowed=tuple(_allowed(reader, about.id, slots)),
        cues=_cues(reader, slots),
        confusables=_confusables(reader),
        files=reader.digests,
    )


def _slots(reader: Reader) -> Slots:
    slots: dict[str, Compiled] = {}
    for name, phrases in reader.read("slots.toml", dict[str, list[str]]).items():
        slots[name] = _compile(reader, "slots.toml", name, f"({'|'.join(phrases)})", slots)
    return slots


def _entries(reader: Reader, name: str, pack: str, slots: Slots) -> Iterator[Entry]:
    file = reader.read(name, ThemeFile)
    if file.theme not in THEMES:
        raise PackError(f"{name}: theme '{file.theme}' is not known; use one of {sorted(THEMES)}")
    seen: set[str] = set()
    for group in file.group:
        for line in group.phrases:
            number, phrase = _numbered(reader, name, line, seen)
            yield Entry(
                rule_id=f"{pack}.{file.theme}.{number}",
                phrase=phrase,
                compiled=_compile(reader, name, line, phrase, slots),
                theme=file.theme,
                severity=group.severity,
                strength=group.strength,
                boundary=group.boundary,
                note=group.note,
                intent=group.intent,
                role=group.role,
                protected=group.protected,
                ideology=group.ideology,
                imminence=group.imminence,
            )


def _allowed(reader: Reader, pack: str, slots: Slots) -> Iterator[Entry]:
    seen: set[str] = set()
    for group in reader.read("allow.toml", AllowFile).group:
        unknown = [theme for theme in group.silences if theme not in THEMES]
        if unknown:
            where = reader.where("allow.toml", unknown[0])
            raise PackError(f"{where}: theme '{unknown[0]}' is not known; correct its name")
        for line in group.phrases:
            number, phrase = _numbered(reader, "allow.toml", line, seen)
            yield Entry(
                rule_id=f"{pack}.allow.{number}",
                phrase=phrase,
                compiled=_compile(reader, "allow.toml", line, phrase, slots),
                silences=tuple(group.silences),
            )


def _numbered(reader: Reader, name: str, line: str, seen: set[str]) -> tuple[str, str]:
    match = _NUMBERED.fullmatch(line)
    if match is None:
        where = reader.where(name, line)
        raise PackError(f"{where}: '{line}' has no number; write four digits, a space, the phrase")
    if match[1] in seen:
        where = reader.where(name, line)
        raise PackError(f"{where}: number {match[1]} is taken; numbers are never used twice")
    seen.add(match[1])
    return match[1], match[2]


def _compile(reader: Reader, name: str, line: str, phrase: str, slots: Slots) -> Compiled:
    try:
        compiled = compile_phrase(phrase, slots)
    except PhraseError as error:
        raise PackError(f"{reader.where(name, line)}: '{phrase}': {error}") from None
    return compiled


def _cues(reader: Reader, slots: Slots) -> Cues:
    lists = reader.read("cues.toml", dict[str, list[str]])
    if sorted(lists) != sorted(CUES):
        odd = sorted(set(lists) ^ set(CUES))
        raise PackError(f"cues.toml: {', '.join(odd)} missing or not known; the cues are {CUES}")
    patterns: dict[str, re.Pattern[str]] = {}
    for cue, phrases in lists.items():
        exact = [_compile(reader, "cues.toml", line, line, slots).exact for line in phrases]
        patterns[cue] = re.compile(rf"\b(?:{'|'.join(exact)})\b")
    return Cues(patterns)


def _confusables(reader: Reader) -> Mapping[str, str]:
    groups = reader.read("confusables.toml", dict[str, str])
    return {sign: plain for plain, signs in groups.items() for sign in signs.replace(" ", "")}
