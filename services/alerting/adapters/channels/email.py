"""E-mail by SMTP (RFC 5321): one message to one address, within ten seconds or not at all."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from chassis.clock import as_datetime, now_ms
from chassis.errors import TransientError
from services.alerting.adapters.channels.email_text import subject_of, text_of
from services.alerting.application.ports import Notice, RejectedError

log = logging.getLogger(__name__)

SEND_WITHIN_S = 10.0
PERMANENT = 500
"""Reply codes from here on are final (RFC 5321, 4.2.1)."""
_OURS = frozenset({530, 534, 535, 538})
"""Authentication required or failed (RFC 4954, 6): our settings are wrong, not the recipient."""


@dataclass(frozen=True)
class EmailChannel:
    """The port ``Channel`` on one mail server. Without ``user`` it does not log in."""

    host: str
    port: int
    starttls: bool
    mail_from: str
    link_base: str
    user: str = ""
    password: str = field(default="", repr=False)
    within_s: float = SEND_WITHIN_S

    async def send(self, notice: Notice, to: str) -> None:
        """Hand the message over; the same notice gives the same Message-ID.

        Raises RejectedError when the server refuses recipient or message for good, TransientError
        for everything else, wrong settings too: those are mended while we go on trying.
        """
        message = self._compose(notice, to)
        try:
            async with asyncio.timeout(self.within_s):
                await self._converse(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _verdict(error.recipients[0]) from None
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            raise _verdict(error) from None
        except aiosmtplib.SMTPResponseException as error:
            # The server's text may quote an address; its code says enough.
            log.error("the mail server refused us (%d)", error.code)  # noqa: TRY400 - see above
            raise TransientError(
                "mail_refused", f"the mail server refused us ({error.code})"
            ) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise TransientError(
                "mail_away", f"the mail server is away ({type(error).__name__})"
            ) from None

    async def _converse(self, message: EmailMessage) -> None:
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            timeout=self.within_s,
            start_tls=self.starttls,
            username=self.user or None,
            password=self.password if self.user else None,
        )
        try:
            await client.connect()
            await client.send_message(message)
            # Accepted. Whatever becomes of the goodbye, it must not be sent again.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
        finally:
            client.close()

    def _compose(self, notice: Notice, to: str) -> EmailMessage:
        message = EmailMessage()
        message["To"] = _address(to)
        message["From"] = self.mail_from
        message["Subject"] = subject_of(notice)
        message["Date"] = format_datetime(as_datetime(now_ms()))
        message["Message-ID"] = notice.message_id
        # RFC 3834: no holiday notices in return.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text_of(notice, self.link_base))
        return message


def _address(to: str) -> Address:
    try:
        address = Address(addr_spec=to)
    except (ValueError, IndexError, MessageError):
        # The library's three ways of saying so.
        raise RejectedError("the user's e-mail address is not one") from None
    if not to.isascii():
        raise RejectedError("the user's e-mail address holds letters that e-mail cannot carry")
    return address


def _verdict(
    error: aiosmtplib.SMTPResponseException,
) -> RejectedError | TransientError:
    if error.code >= PERMANENT and error.code not in _OURS:
        return RejectedError(f"the mail server refused the message for good ({error.code})")
    return TransientError("mail_deferred", f"the mail server put it off ({error.code})")
