"""Which application each role's event store belongs to: what a backup is replayed with."""

from importlib import import_module

from chassis.store.application import ShardApplication
from vigil.system.roles import database_of

STORES = {
    "alerting": ("services.alerting.application.outcome", "Alerting"),
    "directory": ("services.directory.application.directory", "Directory"),
    "evaluation": ("services.policy.evaluation.application.policies", "PoliciesApplication"),
    "incidents": ("services.policy.incidents.application.store", "IncidentsApplication"),
}
"""By role; read only when they are needed, since a role's own packages may not be installed."""


def applications() -> dict[str, type[ShardApplication]]:
    """The application classes by database. Raises ImportError where a role can't be read."""
    return {
        database_of(role): getattr(import_module(module), name)
        for role, (module, name) in STORES.items()
    }
