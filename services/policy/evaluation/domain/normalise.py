"""Views of a raw text: one plain, and up to two with common disguises undone.

The plain view has look-alike letters, accents, zero-width signs and capitals removed. The others
join ``k i l l``, read ``k1ll`` and squeeze ``killlll``; hits found only there are marked, because
undoing disguises invents words. Letters are joined only when one separator repeats: with mixed
ones ``h.o.m.e a`` would merge into its neighbour.
"""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import unquote

from services.policy.evaluation.domain.view import Piece, View

LOOK_ALIKE = "letters that only look alike"
SPACED = "letters written apart"
LEET = "digits and signs for letters"
REPEATED = "letters repeated"

_SIGN = re.compile(r"[0-9@$|*!]")
_LEET_HINT = re.compile(r"[0-9@$|*](?:[a-z]|(?<=[a-z].))|[a-z]![a-z]")
_APART_HINT = re.compile(r"[ .*-]\w[ .*-]\w[ .*-]|^\w[ .*-]\w[ .*-]\w")
_APART = re.compile(r"(?<!\w)\w([ .*-])\w(?:\1\w)+(?!\w)")
_APART_PAIR = re.compile(r"(?:(?<= {2})|(?<!.))\w \w(?= {2}|$)|(?<![\w.])\w\.\w(?![\w.])")
_LEET_TOKEN = re.compile(
    r"(?<![a-z0-9@$])(?:[a-z]+(?:[0-9@$|*]|!(?=[a-z]))|[0-9@$|]+[a-z])[a-z0-9@$|!*]*"
)
_SHORT_NUMBER = re.compile(r"[0-9]{1,2}")
_QUANTITY = re.compile(r"[1-9][0-9]*[a-z]{1,2}|[a-z]{1,2}[0-9]|y[0-9]{2}")
_LEET = str.maketrans("01345789@$|!", "oieastbgasii", "*")
_REPEATED = re.compile(r"([a-z])\1\1+")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", "abcdefghijklmnopqrstuvwxyz ")
_OFTEN_DOUBLE = frozenset("lsf")
_DOUBLE_INSIDE = frozenset("eo")
_VOWELS = frozenset("aeiou")


class Normaliser:
    """Makes views. ``confusables`` maps a sign to the plain letters it passes for."""

    def __init__(self, confusables: Mapping[str, str]) -> None:
        self._confusables = dict(confusables)

    def views(self, field: str, raw: str) -> tuple[View, ...]:
        """Return the plain view and, where a disguise shows, the views with it undone."""
        plain = self._plain(field, raw)
        if field == "url":
            return (plain,)
        if _looks_disguised(plain.text):
            return (plain, *_undisguised(plain))
        return (plain,)

    def _plain(self, field: str, raw: str) -> View:
        if field == "url" and "%" in raw:
            return self._fold(View(field, raw).rewrite(_PERCENT, _decode, ""))
        if raw.isascii():
            return View(field, raw.lower().replace("_", " "))
        return self._fold(View(field, raw))

    def _fold(self, view: View) -> View:
        lowered = View(view.field, view.text.translate(_LOWER), view.starts, view.ends)
        folded = lowered.rewrite(_FOREIGN, self._plain_signs, "")
        looked_alike = any(
            self._sign(sign).isalpha() for run in _FOREIGN.findall(lowered.text) for sign in run
        )
        if not looked_alike:
            return folded
        return View(folded.field, folded.text, folded.starts, folded.ends, (LOOK_ALIKE,))

    def _plain_signs(self, match: re.Match[str]) -> list[Piece]:
        return [(self._sign(sign), place, place + 1) for place, sign in enumerate(match[0])]

    def _sign(self, sign: str) -> str:
        known = self._confusables.get(sign)
        if known is None:
            parts = unicodedata.normalize("NFKD", sign).casefold()
            known = "".join(
                self._confusables.get(part, part)
                for part in parts
                if unicodedata.category(part) not in {"Mn", "Me", "Cf"}
            )
            self._confusables[sign] = known
        return known


def _looks_disguised(text: str) -> bool:
    """Cheap questions first: nearly all talk ends here."""
    return (
        _REPEATED.search(text) is not None
        or (_SIGN.search(text) is not None and _LEET_HINT.search(text) is not None)
        or _APART_HINT.search(text) is not None
    )


def _undisguised(plain: View) -> tuple[View, ...]:
    read = plain.rewrite(_APART, _without_separators, SPACED)
    if read is not plain:
        read = read.rewrite(_APART_PAIR, _without_separators, SPACED)
    read = read.rewrite(_LEET_TOKEN, _leet, LEET)
    if LEET in read.disguises:
        read = read.rewrite(_SHORT_NUMBER, _letters_for_number, LEET)
    doubled = read.rewrite(_REPEATED, _squeeze_by_letter, REPEATED)
    single = read.rewrite(_REPEATED, _squeeze, REPEATED)
    found = {view.text: view for view in (single, doubled, read) if view.text != plain.text}
    return tuple(found.values())


def _decode(match: re.Match[str]) -> list[Piece]:
    return [(unquote(match[0], errors="replace"), 0, len(match[0]))]


def _without_separators(match: re.Match[str]) -> list[Piece]:
    return [(match[0][place], place, place + 1) for place in range(0, len(match[0]), 2)]


def _leet(match: re.Match[str]) -> list[Piece]:
    token = match[0]
    core = token.rstrip("!*|")
    if core.isalpha() or _QUANTITY.fullmatch(core):
        return _unchanged(token)
    return _translated(core) + [
        (sign, place, place + 1) for place, sign in enumerate(token[len(core) :], len(core))
    ]


def _letters_for_number(match: re.Match[str]) -> list[Piece]:
    return _translated(match[0])


def _translated(token: str) -> list[Piece]:
    return [
        (sign.translate(_LEET), place, place + 1) for place, sign in enumerate(token) if sign != "*"
    ]


def _unchanged(token: str) -> list[Piece]:
    return [(sign, place, place + 1) for place, sign in enumerate(token)]


def _squeeze(match: re.Match[str]) -> list[Piece]:
    return [(match[1], 0, len(match[0]))]


def _squeeze_by_letter(match: re.Match[str]) -> list[Piece]:
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    if (match[1] in _OFTEN_DOUBLE and before in _VOWELS) or (
        match[1] in _DOUBLE_INSIDE and after.isalpha()
    ):
        return [(match[1], 0, 1), (match[1], 1, len(match[0]))]
    return _squeeze(match)
