import asyncio
import mailbox
import os
import smtplib
from email.message import EmailMessage

from vigil.embedded.data_folder import DataFolder
from vigil.runner.smtp_child import mail_folder, smtp_child
from vigil.runner.supervisor import Supervisor


async def test_what_is_sent_is_found_in_the_maildir(folder: DataFolder) -> None:
    message = EmailMessage()
    message["From"] = "vigil@school.example"
    message["To"] = "dsl@school.example"
    message["Subject"] = "Something needs you"
    message.set_content("Please look: é\n.\nend")

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", folder.port("smtp"), timeout=5) as client:
            client.send_message(message, to_addrs=["dsl@school.example", "deputy@school.example"])

    supervisor = Supervisor(folder, [], [smtp_child(folder, dict(os.environ))])
    try:
        await supervisor.start()
        await asyncio.to_thread(send)
    finally:
        await supervisor.stop()
    (stored,) = mailbox.Maildir(mail_folder(folder))
    assert stored["Subject"] == "Something needs you"
    assert stored["X-Envelope-From"] == "vigil@school.example"
    assert stored["X-Envelope-To"] == "dsl@school.example, deputy@school.example"
    assert stored.get_payload(decode=True) == "Please look: é\n.\nend\n".encode()
