"""Settings that every role has. Each role's own class adds to this; bootstrap reads it once.

Environment names are the field names in capitals. Secrets are files in ``SECRETS_DIR`` named by
the field in lower case (a Kubernetes Secret mounted as a folder).
"""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class SecretsDir(BaseSettings):
    """Where the secret files are."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    secrets_dir: Path = Field(description="Folder of secret files, one per name")


class RoleSettings(BaseSettings):
    """What a process of any role needs to start."""

    # An error of validation would otherwise quote the secret that it refuses.
    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    secret_names: ClassVar[frozenset[str]] = frozenset({"nats_password", "role_key"})

    nats_url: str = Field(description="nats://host:port")
    nats_password: SecretStr = Field(description="Password of this role's NATS user")
    role_key: SecretStr = Field(description="This role's Ed25519 private key, PEM")
    trust_file: Path = Field(description="JSON with every issuer's public key")
    health_port: int = Field(default=0, description="Port of /healthz and /readyz; 0 for none")
    bind_host: str = Field(default="127.0.0.1", description="Address to listen on")
    log_level: str = Field(default="INFO")
    otlp_endpoint: str = Field(default="", description="OTLP/HTTP base URL; empty: no export")
    span_file: Path | None = Field(default=None, description="Write spans here, a line each")

    @classmethod
    def load(cls) -> Self:
        """Read environment and secret files. Raises pydantic's ValidationError naming the field."""
        return cls(_secrets_dir=SecretsDir().secrets_dir)  # type: ignore[call-arg]


class StoreSettings(RoleSettings):
    """For roles with a database of their own."""

    secret_names: ClassVar[frozenset[str]] = RoleSettings.secret_names | {"mongodb_password"}

    mongodb_url: str = Field(description="mongodb://host:port/?replicaSet=…, without credentials")
    mongodb_password: SecretStr = Field(description="Password of this role's MongoDB user")
    mongodb_database: str = Field(description="This role's own database")


class HttpSettings(RoleSettings):
    """For roles that serve HTTP."""

    http_port: int = Field(description="Port of the public interface")
