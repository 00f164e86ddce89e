"""A real SMTP server for the demo: what alerting sends can be read in a Maildir.

``python -m vigil.embedded.smtp --port 2525 --maildir DIR`` listens on the loopback, accepts every
message without a password, and delivers none. It ends on SIGTERM or SIGINT.
"""

import argparse
import asyncio
import mailbox
import signal
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

MAX_MESSAGE = 10_000_000
"""Bytes of one message: the common limit of mail providers."""


class MaildirHandler:
    """Stores each accepted message in a Maildir, its envelope in two headers of its own."""

    def __init__(self, maildir: Path) -> None:
        self._maildir = mailbox.Maildir(maildir, create=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer 250 only when the message is on disk."""
        recipients = ", ".join(envelope.rcpt_tos)
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n"
        content = envelope.original_content or b""
        await asyncio.to_thread(self._maildir.add, head.encode() + content)
        return "250 OK"


async def serve(port: int, maildir: Path) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT. Raises OSError if the port is taken."""
    handler = MaildirHandler(maildir)
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="localhost", data_size_limit=MAX_MESSAGE, loop=loop),
        host="127.0.0.1",
        port=port,
    )
    try:
        await stopping.wait()
    finally:
        server.close()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m vigil.embedded.smtp", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--maildir", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.maildir))


if __name__ == "__main__":
    main()
