"""Tenant scope for subjects and queries: the only way that services build either.

``tests/architecture/test_tenancy.py`` finds what goes round it.
"""

import re
from collections.abc import Mapping
from typing import Any

from chassis.errors import InvalidError

_TOKEN = re.compile(r"^[a-z0-9][a-z0-9-]{0,63}$")

PLATFORM = "platform"
"""The tenant of requests that concern no single tenant, such as creating one."""

UNKNOWN = "unknown"
"""The tenant of a message that does not say whose it is."""


def is_token(value: str) -> bool:
    """Whether ``value`` may stand in a subject."""
    return _TOKEN.match(value) is not None


def token(value: str) -> str:
    """``value`` if it may stand in a subject (``[a-z0-9-]``, at most 64); else InvalidError."""
    if not is_token(value):
        raise InvalidError("bad_id", "an id may hold lower-case letters, digits and hyphens only")
    return value


def subject(template: str, tenant: str, **tokens: str) -> str:
    """Fill a registry template such as ``incidents.{tenant}.{incident}``."""
    return template.format(tenant=token(tenant), **{k: token(v) for k, v in tokens.items()})


def tenant_of(template: str, concrete: str) -> str:
    """The tenant's token in ``concrete``, found by where ``{tenant}`` stands in ``template``."""
    return concrete.split(".")[template.split(".").index("{tenant}")]


def scoped(tenant: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A MongoDB filter that sees one tenant's documents only."""
    return {**(query or {}), "tenant": token(tenant)}
