"""Who may be believed for what."""

import pytest

from chassis.auth import Caller, Issuer, Signer, Verifier, new_key_pair, require
from chassis.errors import ForbiddenError, UnauthenticatedError

USERS, ROLE, STRANGER = new_key_pair(), new_key_pair(), new_key_pair()
VERIFIER = Verifier(
    {
        "users": Issuer(USERS[1].decode(), "users"),
        "capture": Issuer(ROLE[1].decode(), "itself"),
    }
)


def test_a_user_s_token() -> None:
    token, expires = Signer("users", USERS[0]).sign(tenant="s", role="dsl", subject="u-1", ttl_s=60)
    assert VERIFIER.verify(token) == Caller("s", "dsl", "u-1", expires)


def test_a_service_s_token_is_for_one_school() -> None:
    signer = Signer("capture", ROLE[0])
    assert VERIFIER.verify(signer.service_token("s")).tenant == "s"
    assert VERIFIER.verify(signer.service_token("t")).tenant == "t"
    assert signer.service_token("s") == signer.service_token("s")


@pytest.mark.parametrize(
    ("issuer", "key", "role", "subject", "ttl"),
    [
        ("users", STRANGER[0], "dsl", "u-1", 60),
        ("nobody", STRANGER[0], "dsl", "u-1", 60),
        ("users", USERS[0], "dsl", "u-1", -1),
        ("users", USERS[0], "service", "users", 60),
        ("capture", ROLE[0], "dsl", "u-1", 60),
        ("capture", ROLE[0], "service", "directory", 60),
    ],
    ids=[
        "other key",
        "unknown issuer",
        "expired",
        "a user as service",
        "a service as user",
        "another service",
    ],
)
def test_what_is_not_believed(issuer: str, key: bytes, role: str, subject: str, ttl: int) -> None:
    token, _ = Signer(issuer, key).sign(tenant="s", role=role, subject=subject, ttl_s=ttl)
    with pytest.raises(UnauthenticatedError):
        VERIFIER.verify(token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30."])
def test_rubbish_is_not_believed(token: str) -> None:
    with pytest.raises(UnauthenticatedError):
        VERIFIER.verify(token)


def test_a_proof_is_for_its_issuer_and_bytes() -> None:
    proof = Signer("capture", ROLE[0]).prove(b"said")
    assert VERIFIER.proves("capture", proof, b"said")
    assert not VERIFIER.proves("capture", proof, b"else")
    assert not VERIFIER.proves("users", Signer("users", USERS[0]).prove(b"said"), b"said")
    assert not VERIFIER.proves("capture", "not base64!", b"said")


def test_roles_are_required_by_name() -> None:
    require(Caller("s", "dsl", "u", 0), frozenset({"dsl"}))
    require(Caller("s", "service", "capture", 0), frozenset({"service:capture"}))
    with pytest.raises(ForbiddenError):
        require(Caller("s", "service", "capture", 0), frozenset({"dsl", "service:directory"}))
