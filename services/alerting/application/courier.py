"""Try once to tell one user."""

from services.alerting.application.desk import Desk
from services.alerting.application.ports import Channel, Contacts, Directory, RejectedError
from services.alerting.application.write_notice import write_notice


class Courier:
    """Asks for the contact, speaks to the channel."""

    def __init__(
        self, desk: Desk, directory: Directory, contacts: Contacts, channel: Channel
    ) -> None:
        self._desk = desk
        self._directory = directory
        self._contacts = contacts
        self._channel = channel

    async def tell(self, tenant: str, escalation_id: str, step: int) -> str | None:
        """Why it never can be told; empty when it was; None when nobody has to be told now.

        Raises TransientError when it may work later.
        """
        letter = await self._desk.ask(
            tenant,
            write_notice,
            tenant,
            escalation_id,
            step,
            self._directory.time_zone_of(tenant),
        )
        if letter is None:
            return None
        if self._directory.has_left(tenant, letter.user_id):
            return "the user is no longer active"
        try:
            to = await self._contacts.email_of(tenant, letter.user_id)
            await self._channel.send(letter.notice, to)
        except RejectedError as rejected:
            return rejected.message
        return ""
