"""Sealing: AES-256-GCM under one person's key, so that destroying the key forgets the person.

One call a batch or field set, a fresh 96-bit nonce each (NIST SP 800-38D: at most 2^32 a key),
and the place it is meant for as associated data, so that a sealed value cannot be moved.
"""

import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.errors import InternalError

NONCE_BYTES = 12
KEY_BYTES = 32
CACHE_TTL_S = 60.0
"""A destroyed key is forgotten by caches within a minute even if the broadcast is lost."""
CACHE_SIZE = 20_000


@dataclass(frozen=True)
class SealKey:
    """A key, its id (one per identity) and the person who owns it."""

    key_id: str
    owner_id: str
    key: bytes = field(repr=False)
    _cipher: list[AESGCM] = field(default_factory=list, repr=False, compare=False)

    def _aead(self) -> AESGCM:
        # Building the object costs as much as a small call; one benign race builds it twice.
        if not self._cipher:
            self._cipher.append(AESGCM(self.key))
        return self._cipher[0]

    def seal(self, plaintext: bytes, place: str) -> bytes:
        """Nonce and ciphertext of ``plaintext``, bound to ``place``."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead().encrypt(nonce, plaintext, self._aad(place))

    def open(self, sealed: bytes, place: str) -> bytes:
        """The plaintext; InternalError if it was altered, moved or sealed under another key."""
        try:
            return self._aead().decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._aad(place)
            )
        except InvalidTag:
            raise InternalError(
                "seal_broken", f"a sealed value does not open under key {self.key_id}"
            ) from None

    def _aad(self, place: str) -> bytes:
        return f"{self.key_id}|{place}".encode()


class KeyRing(Protocol):
    """Where keys come from. TransientError while it is away, GoneError for a destroyed key."""

    async def for_identity(self, tenant: str, login: str) -> SealKey:
        """The key of ``login``, made at first use."""
        ...

    async def by_id(self, tenant: str, key_id: str) -> SealKey:
        """An existing key."""
        ...


Fetch = Callable[[str, str], Awaitable[SealKey]]


class CachedKeyRing:
    """A KeyRing over two fetches (tenant, login or key id), with a bounded cache that expires."""

    def __init__(self, for_identity: Fetch, by_id: Fetch) -> None:
        self._fetches = {"login": for_identity, "id": by_id}
        self._held: dict[tuple[str, str, str], tuple[SealKey, float]] = {}

    async def for_identity(self, tenant: str, login: str) -> SealKey:
        """The key of ``login``, made at first use."""
        return await self._get("login", tenant, login)

    async def by_id(self, tenant: str, key_id: str) -> SealKey:
        """An existing key."""
        return await self._get("id", tenant, key_id)

    async def _get(self, kind: str, tenant: str, name: str) -> SealKey:
        held = self._held.get((kind, tenant, name))
        if held is not None and held[1] > time.monotonic():
            return held[0]
        key = await self._fetches[kind](tenant, name)
        if len(self._held) >= CACHE_SIZE:
            self._held.clear()
        self._held[(kind, tenant, name)] = (key, time.monotonic() + CACHE_TTL_S)
        return key

    def forget(self, key_id: str) -> None:
        """Drop a key from the cache, whatever it was found by."""
        for name in [n for n, (key, _) in self._held.items() if key.key_id == key_id]:
            del self._held[name]
