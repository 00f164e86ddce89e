"""The small language of packs: phrases a teacher can read, turned into regular expressions.

========== ==========================================================
``a b``    the words in a row; between them spaces, hyphens and such
``(a|b)``  one of these
``[a|b]``  one of these, or nothing
``kill/s`` the word, with or without an ending (``kill/s/ed``)
``cut*``   a word that begins so
``...``    up to three words
``#``      a number of one to three digits
``<slot>`` a named list of the pack
``don't``  with or without the apostrophe
========== ==========================================================
"""

import re
from collections.abc import Mapping

import msgspec

from services.policy.evaluation.domain.anchors import Branch, commonness

_GAP = r"[^\w.!?;\n]{1,3}"
_TOKEN = re.compile(r"\s*(\.\.\.|<[a-z_]+>|[()\[\]|#]|[^\s()\[\]|<>#]+)")
_BAD_WORD = re.compile(r"[A-Z\\^${}+?]|\*.|/$|^[*/]")


class PhraseError(ValueError):
    """A phrase is not in the language of packs; the message says what to change."""


class Compiled(msgspec.Struct, frozen=True):
    """A phrase as an ``exact`` expression, and the words a fast matcher looks for first.

    A text that matches satisfies at least one of ``branches``.
    """

    exact: str
    branches: tuple[Branch, ...]


class _Item(msgspec.Struct, frozen=True):
    exact: str
    branches: tuple[Branch, ...]
    optional: bool = False
    filler: bool = False


def compile_phrase(phrase: str, slots: Mapping[str, Compiled]) -> Compiled:
    """Translate ``phrase``; ``slots`` are those of the pack by name. Raises PhraseError."""
    tokens = _TOKEN.findall(phrase)
    if re.sub(r"\s", "", "".join(tokens)) != re.sub(r"\s", "", phrase):
        raise PhraseError("a sign is out of place; use words, ( | ), [ | ], <slot>, ... and #")
    item, rest = _alternatives(tokens, slots, closing="")
    if rest:
        raise PhraseError(f"'{rest[0]}' closes nothing; remove it or open it")
    if not all(item.branches):
        raise PhraseError("there is no word that must be said; add one")
    return Compiled(exact=item.exact, branches=item.branches)


def _alternatives(
    tokens: list[str], slots: Mapping[str, Compiled], closing: str
) -> tuple[_Item, list[str]]:
    branches: list[list[_Item]] = [[]]
    while tokens and tokens[0] != closing:
        sign, tokens = tokens[0], tokens[1:]
        if sign == "|":
            branches.append([])
            continue
        if sign in {")", "]"}:
            return _join_branches(branches), [sign, *tokens]
        item, tokens = _item(sign, tokens, slots)
        branches[-1].append(item)
    if closing:
        if not tokens:
            raise PhraseError(f"'{closing}' is missing at the end; add it")
        tokens = tokens[1:]
    return _join_branches(branches), tokens


def _item(sign: str, rest: list[str], slots: Mapping[str, Compiled]) -> tuple[_Item, list[str]]:
    if sign in {"(", "["}:
        item, rest = _alternatives(rest, slots, closing=")" if sign == "(" else "]")
        return msgspec.structs.replace(item, optional=sign == "["), rest
    if sign == "...":
        return _Item("", ((),), optional=True, filler=True), rest
    if sign == "#":
        return _Item(r"\d{1,3}", ((),)), rest
    if sign.startswith("<"):
        if sign[1:-1] not in slots:
            raise PhraseError(f"{sign} is not in slots.toml; add it there or spell it as there")
        slot = slots[sign[1:-1]]
        return _Item(slot.exact, slot.branches), rest
    return _word(sign), rest


def _word(sign: str) -> _Item:
    if _BAD_WORD.search(sign):
        raise PhraseError(f"'{sign}' holds a capital or a sign words can't have; remove it")
    stem, *endings = sign.rstrip("*").split("/")
    exact = re.escape(stem).replace("'", "'?")
    if endings:
        exact += "(?:" + "|".join(re.escape(ending) for ending in endings) + ")?"
    if sign.endswith("*"):
        exact += r"\w*"
    anchor = frozenset({stem, stem.replace("'", "")})
    if sign.endswith("*"):
        anchor = frozenset(f"{word}*" for word in anchor)
    elif endings:
        anchor = frozenset(word + ending for word in anchor for ending in ("", *endings))
    return _Item(exact, ((anchor,),))


def _join_branches(branches: list[list[_Item]]) -> _Item:
    joined = [_sequence(branch) for branch in branches]
    if len(joined) == 1:
        return joined[0]
    return _Item(
        "(?:" + "|".join(branch.exact for branch in joined) + ")",
        tuple(branch for item in joined for branch in item.branches),
    )


def _one_branch(item: _Item) -> Branch:
    """Return what all branches have in common: a set with the least common word of each."""
    if len(item.branches) == 1:
        return item.branches[0]
    if not all(item.branches):
        return ()
    return (frozenset().union(*(min(branch, key=commonness) for branch in item.branches)),)


def _sequence(items: list[_Item]) -> _Item:
    required = [place for place, item in enumerate(items) if not item.optional]
    if not required:
        raise PhraseError("there is nothing here that must be said; add a word outside [ ] and ...")
    if any(item.filler for item in (items[0], items[-1])):
        raise PhraseError("'...' can't begin or end a phrase; remove it")
    last = required[-1]
    exact = ""
    for place, item in enumerate(items):
        if item.filler:
            exact += rf"(?:[\w']+{_GAP}){{0,3}}"
        elif place == last:
            exact += item.exact
        elif place > last:
            exact += f"(?:{_GAP}{item.exact})?"
        elif item.optional:
            exact += f"(?:{item.exact}{_GAP})?"
        else:
            exact += item.exact + _GAP
    if len(required) == 1:
        branches = items[last].branches
    else:
        branches = (tuple(anchor for place in required for anchor in _one_branch(items[place])),)
    return _Item(exact, branches)
