"""The environment of each role on one machine: the same names that the chart sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.programs import server_environment
from vigil.system.roles import ROLES, Role, database_of
from vigil.system.secrets import secrets_dir

DEFAULT_PORT = 8600
"""The gateway's, where it is free at the first start."""


@dataclass(frozen=True)
class Addresses:
    """Where the servers of this machine listen, and what the user chose."""

    nats_url: str
    mongodb_url: str
    smtp_port: int
    http_ports: Mapping[str, int]
    health_ports: Mapping[str, int]
    trust: Path
    otlp_endpoint: str = ""
    trace_to: Path | None = None


def addresses(
    folder: DataFolder,
    nats_url: str,
    mongodb_url: str,
    trust: Path,
    *,
    port: int | None,
    otlp_endpoint: str = "",
    trace: bool = False,
) -> Addresses:
    """Choose and keep the ports of this data folder; ``port`` is the gateway's if given."""
    http = {
        "gateway": folder.port("gateway-http", DEFAULT_PORT, wanted=port),
        "capture": folder.port("capture-http"),
    }
    return Addresses(
        nats_url=nats_url,
        mongodb_url=mongodb_url,
        smtp_port=folder.port("smtp"),
        http_ports=http,
        health_ports={role.name: folder.port(f"{role.name}-health") for role in ROLES},
        trust=trust,
        otlp_endpoint=otlp_endpoint,
        trace_to=folder.room("spans") if trace else None,
    )


def environment(folder: DataFolder, role: Role, at: Addresses) -> dict[str, str]:
    """What ``role``'s settings class reads."""
    env = server_environment() | {
        "PYTHONUNBUFFERED": "1",
        "NATS_URL": at.nats_url,
        "SECRETS_DIR": str(secrets_dir(folder, role.name)),
        "TRUST_FILE": str(at.trust),
        "HEALTH_PORT": str(at.health_ports[role.name]),
    }
    if role.database:
        env |= {"MONGODB_URL": at.mongodb_url, "MONGODB_DATABASE": database_of(role.name)}
    if role.http:
        env["HTTP_PORT"] = str(at.http_ports[role.name])
    link = f"http://127.0.0.1:{at.http_ports['gateway']}"
    env |= {
        "alerting": {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(at.smtp_port),
            "SMTP_STARTTLS": "false",
            "MAIL_FROM": "vigil@greenfield.example",
            "LINK_BASE": link,
        },
        "gateway": {"LINK_BASE": link, "INTROSPECTION": "true"},
    }.get(role.name, {})
    if at.otlp_endpoint:
        env["OTLP_ENDPOINT"] = at.otlp_endpoint
    if at.trace_to is not None:
        env["SPAN_FILE"] = str(at.trace_to / f"{role.name}.ndjson")
    return env
