"""Short-lived JWTs (Ed25519) for users and for services, and who may be believed for what.

Each issuer has its own key pair: a service signs its own tokens, directory signs users'. The
trust file names every issuer's public key and whether it speaks for users or for itself, so that
a service's key cannot make a user.
"""

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from chassis.errors import ForbiddenError, UnauthenticatedError

ALGORITHM = "EdDSA"
AUDIENCE = "vigil"
SERVICE_TTL_S = 300
"""A service's token lives five minutes and is renewed at half of it."""
CACHE = 10_000
"""Verified tokens remembered; verifying one costs about 0.1 ms."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request. ``role`` is ``service`` for services, whose name is ``subject``."""

    tenant: str
    role: str
    subject: str
    expires_at: float

    @property
    def is_service(self) -> bool:
        """Whether a service speaks for itself."""
        return self.role == "service"


@dataclass(frozen=True)
class Signer:
    """Signs tokens as one issuer."""

    issuer: str
    private_pem: bytes

    @cached_property
    def _service_tokens(self) -> dict[str, tuple[str, float]]:
        return {}

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        key = load_pem_private_key(self.private_pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError(f"the key of {self.issuer} is not Ed25519")
        return key

    def prove(self, data: bytes) -> str:
        """A signature over ``data`` by this issuer, base64."""
        return b64encode(self._key.sign(data)).decode()

    def sign(self, *, tenant: str, role: str, subject: str, ttl_s: int) -> tuple[str, float]:
        """A token and when it expires (seconds since the epoch)."""
        now = time.time()
        claims = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "tenant": tenant,
            "role": role,
            "iat": int(now),
            "exp": int(now) + ttl_s,
        }
        token = jwt.encode(
            claims, self.private_pem, algorithm=ALGORITHM, headers={"kid": self.issuer}
        )
        return token, float(int(now) + ttl_s)

    def service_token(self, tenant: str) -> str:
        """This service's own token for work on behalf of ``tenant``."""
        held = self._service_tokens.get(tenant)
        if held is None or held[1] - time.time() < SERVICE_TTL_S / 2:
            held = self.sign(
                tenant=tenant, role="service", subject=self.issuer, ttl_s=SERVICE_TTL_S
            )
            self._service_tokens[tenant] = held
        return held[0]


@dataclass(frozen=True)
class Issuer:
    """An issuer as the trust file has it. ``speaks_for`` is ``users`` or ``itself``."""

    public_pem: str
    speaks_for: str


class Verifier:
    """Believes only the issuers of the trust file, and each only for what it may say."""

    def __init__(self, issuers: Mapping[str, Issuer]) -> None:
        self._issuers = dict(issuers)
        self._seen: dict[str, Caller] = {}

    @classmethod
    def from_file(cls, path: Path) -> "Verifier":
        """Read the trust file: ``{issuer: {"public_pem": ..., "speaks_for": ...}}``."""
        raw = json.loads(path.read_text())
        return cls({name: Issuer(**entry) for name, entry in raw.items()})

    def verify(self, token: str) -> Caller:
        """The caller of a valid token; UnauthenticatedError for any other."""
        seen = self._seen.get(token)
        if seen is not None:
            if seen.expires_at > time.time():
                return seen
            del self._seen[token]
        caller = self._verify(token)
        if len(self._seen) >= CACHE:
            self._seen.clear()
        self._seen[token] = caller
        return caller

    def proves(self, issuer: str, proof: str, data: bytes) -> bool:
        """Whether ``proof`` is the signature of ``issuer``, speaking for itself, over ``data``."""
        try:
            self._public_keys[issuer].verify(b64decode(proof, validate=True), data)
        except (KeyError, ValueError, InvalidSignature):
            return False
        return True

    @cached_property
    def _public_keys(self) -> dict[str, Ed25519PublicKey]:
        keys = {
            name: load_pem_public_key(issuer.public_pem.encode())
            for name, issuer in self._issuers.items()
            if issuer.speaks_for == "itself"
        }
        return {name: key for name, key in keys.items() if isinstance(key, Ed25519PublicKey)}

    def _verify(self, token: str) -> Caller:
        try:
            name = jwt.get_unverified_header(token).get("kid", "")
            issuer = self._issuers[name]
            claims = jwt.decode(
                token,
                issuer.public_pem,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=name,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
            caller = Caller(claims["tenant"], claims["role"], claims["sub"], float(claims["exp"]))
        except jwt.ExpiredSignatureError:
            raise UnauthenticatedError(
                "token_expired", "the token has expired; ask for a new one"
            ) from None
        except (jwt.PyJWTError, KeyError, TypeError):
            raise UnauthenticatedError("bad_token", "the token is not one of ours") from None
        if caller.is_service != (issuer.speaks_for == "itself") or (
            caller.is_service and caller.subject != name
        ):
            raise UnauthenticatedError("bad_token", "the token's issuer may not say this")
        return caller


def require(caller: Caller, allowed: frozenset[str]) -> None:
    """ForbiddenError unless the caller's role, or ``service:<name>``, is among ``allowed``."""
    name = f"service:{caller.subject}" if caller.is_service else caller.role
    if name not in allowed:
        raise ForbiddenError("forbidden", f"the role {name} may not do this")


def new_key_pair() -> tuple[bytes, bytes]:
    """A private and a public key, PEM."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, public_of(private)


def public_of(private_pem: bytes) -> bytes:
    """The public half of a private key, PEM."""
    key = load_pem_private_key(private_pem, password=None)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
