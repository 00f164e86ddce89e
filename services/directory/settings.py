"""The directory's settings."""

from base64 import b64decode
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from chassis.sealing import KEY_BYTES
from chassis.settings import StoreSettings


class Settings(StoreSettings):
    """A role's, with the two keys that only the directory has."""

    secret_names: ClassVar[frozenset[str]] = StoreSettings.secret_names | {
        "master_key",
        "users_key",
    }

    master_key: SecretStr = Field(description="Wraps every person's key; 32 bytes, base64")
    users_key: SecretStr = Field(description="Signs users' tokens; Ed25519 private key, PEM")

    @field_validator("master_key")
    @classmethod
    def _of_full_length(cls, value: SecretStr) -> SecretStr:
        if len(b64decode(value.get_secret_value(), validate=True)) != KEY_BYTES:
            raise ValueError(f"must be {KEY_BYTES} bytes in base64")
        return value

    @property
    def master_key_bytes(self) -> bytes:
        """The master key itself."""
        return b64decode(self.master_key.get_secret_value())
