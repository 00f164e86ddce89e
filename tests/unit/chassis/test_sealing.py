"""A sealed value opens with its key, in its place, unaltered; otherwise not at all."""

import asyncio

import pytest

from chassis.errors import InternalError
from chassis.sealing import CachedKeyRing, SealKey

KEY = SealKey("k-1", "p-1", b"0" * 32)


def test_it_opens_where_it_belongs() -> None:
    sealed = KEY.seal(b"words", "finding:1")
    assert b"words" not in sealed
    assert KEY.open(sealed, "finding:1") == b"words"


@pytest.mark.parametrize(
    ("key", "place", "flip"),
    [
        (KEY, "finding:2", False),
        (SealKey("k-1", "p-1", b"1" * 32), "finding:1", False),
        (SealKey("k-2", "p-1", b"0" * 32), "finding:1", False),
        (KEY, "finding:1", True),
    ],
)
def test_it_does_not_open_elsewhere(key: SealKey, place: str, flip: bool) -> None:
    sealed = bytearray(KEY.seal(b"words", "finding:1"))
    sealed[-1] ^= flip
    with pytest.raises(InternalError) as broken:
        key.open(bytes(sealed), place)
    assert broken.value.slug == "seal_broken"


def test_a_key_does_not_show_itself() -> None:
    assert "0000" not in repr(KEY)


def test_the_cache_asks_once_and_forgets_on_request() -> None:
    asked: list[str] = []

    async def fetch(tenant: str, name: str) -> SealKey:
        asked.append(f"{tenant}/{name}")
        return SealKey("k-1", "p-1", b"0" * 32)

    async def story() -> None:
        ring = CachedKeyRing(fetch, fetch)
        await ring.for_identity("s", "login")
        await ring.for_identity("s", "login")
        await ring.by_id("s", "k-1")
        assert asked == ["s/login", "s/k-1"]
        await ring.for_identity("other", "login")
        assert asked[-1] == "other/login"
        ring.forget("k-1")
        await ring.for_identity("s", "login")
        assert len(asked) == 4

    asyncio.run(story())
