"""Users' addresses, asked of directory at each send and never stored."""

from chassis.bus.bus import Bus
from chassis.errors import GoneError, InvalidError, NotFoundError
from contracts.directory.v1.requests_pb2 import ContactOfRequest, ContactOfResponse
from services.alerting.application.ports import RejectedError


class DirectoryContacts:
    """The port ``Contacts`` by request to directory."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def email_of(self, tenant: str, user_id: str) -> str:
        """An address. RejectedError if there is none, TransientError if nobody can say now."""
        try:
            contact = await self._bus.ask(
                ContactOfRequest(user_id=user_id), ContactOfResponse, tenant=tenant
            )
        except (NotFoundError, GoneError, InvalidError) as error:
            raise RejectedError("directory knows no contact of the user") from error
        if not contact.email:
            raise RejectedError("the user has no e-mail address")
        return contact.email
