"""Everything that can be asked of the directory."""

from dataclasses import dataclass

from chassis.store.commands import CommandRunner
from services.directory.application.contact_of import ContactOf
from services.directory.application.create_school import CreateSchool
from services.directory.application.enrol_device import EnrolDevice
from services.directory.application.get_me import GetMe
from services.directory.application.import_people import ImportPeople
from services.directory.application.key_by_id import KeyById
from services.directory.application.key_for_identity import KeyForIdentity
from services.directory.application.mint_token import MintToken
from services.directory.application.name_of import NameOf
from services.directory.application.ports import Views
from services.directory.application.put_user import PutUser
from services.directory.application.user_by_login import UserByLogin


@dataclass(frozen=True)
class UseCases:
    """Use cases block and run by ``commands`` in threads; ``views`` are read from the loop."""

    commands: CommandRunner
    views: Views
    create_school: CreateSchool
    import_people: ImportPeople
    put_user: PutUser
    user_by_login: UserByLogin
    mint_token: MintToken
    enrol_device: EnrolDevice
    key_for_identity: KeyForIdentity
    key_by_id: KeyById
    contact_of: ContactOf
    name_of: NameOf
    get_me: GetMe
