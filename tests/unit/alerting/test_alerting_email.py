"""The channel without a mail server: what never can be sent, and what may be later."""

import pytest

from chassis.errors import TransientError
from services.alerting.adapters.channels.email import EmailChannel
from services.alerting.application.ports import Notice, RejectedError

NOTICE = Notice("<a.1.b@vigil.invalid>", "0b5f", "VG-1", "bullying", 3, "head", None, "")
# Port 1 of the loopback: nothing listens.
CHANNEL = EmailChannel("127.0.0.1", 1, False, "vigil@vigil.example", "https://v.example")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "Helen <a@b.example>",
        "é@b.example",
        "a@é.example",
    ],
)
async def test_what_is_no_address_is_refused_for_good_and_not_quoted(address: str) -> None:
    with pytest.raises(RejectedError) as refused:
        await CHANNEL.send(NOTICE, address)
    assert "example" not in refused.value.message


async def test_a_mail_server_that_is_away_is_tried_later() -> None:
    with pytest.raises(TransientError, match="away"):
        await CHANNEL.send(NOTICE, "a@b.example")
