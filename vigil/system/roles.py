"""The roles of `vigil up`: a process each, as in the cluster."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """One role: how it is started and what it is given."""

    name: str
    module: str
    database: bool = True
    http: bool = False
    extra_secrets: tuple[str, ...] = ()


ROLES = (
    Role("directory", "services.directory", extra_secrets=("master_key", "users_key")),
    Role("capture", "services.capture", http=True),
    Role("evaluation", "services.policy.evaluation"),
    Role("incidents", "services.policy.incidents"),
    Role("alerting", "services.alerting"),
    Role("reporting", "services.reporting"),
    Role("gateway", "gateway", database=False, http=True),
)
"""`tests/architecture` holds this against the registry's roles and the chart's."""


def database_of(role: str) -> str:
    """The one database that a role's MongoDB user may read and write."""
    return f"vigil_{role}"
