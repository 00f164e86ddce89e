"""Alerting's settings."""

from typing import ClassVar, Self

from pydantic import Field, SecretStr, model_validator

from chassis.settings import StoreSettings


class Settings(StoreSettings):
    """The mail server, and where links in messages lead."""

    secret_names: ClassVar[frozenset[str]] = StoreSettings.secret_names | {"smtp_password"}

    smtp_host: str = Field(description="The mail server")
    smtp_port: int = Field(default=587, description="Its submission port")
    smtp_starttls: bool = Field(default=True, description="Refuse to speak without TLS")
    smtp_user: str = Field(default="", description="Empty: no login")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Optional")
    mail_from: str = Field(description="Sender of alerts")
    message_domain: str = Field(
        default="vigil.invalid", description="Right-hand side of Message-IDs"
    )
    link_base: str = Field(description="URL of the console, without /incidents")
    sweep_every_s: float = Field(
        default=15.0, description="How often open escalations are looked after"
    )

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.smtp_user and not self.smtp_starttls:
            raise ValueError("smtp_user needs smtp_starttls: a password is not sent in the clear")
        return self
