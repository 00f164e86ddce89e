"""Every stream message is signed by its publisher over what it is and where it belongs.

NATS permissions do not bind reply subjects, and a role that may create a consumer may have its
own stream's messages delivered anywhere. So a consumer believes the signature, not the subject:
a message moved to another subject, or said by a role that may not say it, goes to ``DEAD``.
"""

from collections.abc import Mapping
from hashlib import sha256

from chassis.auth import Signer, Verifier
from chassis.bus import headers as h

_COVERED = (h.TYPE, h.TENANT, h.MESSAGE_ID, h.POSITION, h.PREVIOUS)


def _covered(subject: str, headers: Mapping[str, str], payload: bytes) -> bytes:
    lines = [subject, *(headers.get(name, "") for name in _COVERED), sha256(payload).hexdigest()]
    return "\n".join(lines).encode()


def sign(
    signer: Signer, subject: str, headers: Mapping[str, str], payload: bytes
) -> dict[str, str]:
    """The headers that prove who says this, on which subject."""
    proof = signer.prove(_covered(subject, headers, payload))
    return {h.ISSUER: signer.issuer, h.PROOF: proof}


def believable(
    verifier: Verifier,
    publishers: frozenset[str],
    subject: str,
    headers: Mapping[str, str],
    payload: bytes,
) -> bool:
    """Whether one of ``publishers`` said exactly this on ``subject``."""
    issuer = headers.get(h.ISSUER, "")
    return issuer in publishers and verifier.proves(
        issuer, headers.get(h.PROOF, ""), _covered(subject, headers, payload)
    )
