"""``vigil permissions``: what each NATS user may do, for a server of one's own."""

import json

import click

from chassis.bus.permissions import PROVISIONER
from chassis.bus.permissions import permissions as allowed
from contracts.registry import OPERATOR, REGISTRY


@click.command()
def permissions() -> None:
    """Print each role's NATS permissions as JSON, in the form of nats-server's configuration.

    Users must have no allow_responses: a reply subject is the asker's to choose.
    """
    users = [
        {
            "user": name,
            "permissions": {
                "publish": {"allow": allowed(REGISTRY, name).publish},
                "subscribe": {"allow": allowed(REGISTRY, name).subscribe},
            },
        }
        for name in (*REGISTRY.roles, OPERATOR, PROVISIONER)
    ]
    click.echo(json.dumps(users, indent=2))
