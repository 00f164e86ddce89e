"""Add a user, or change the one with this login."""

from dataclasses import dataclass
from datetime import datetime

from services.directory.application.directory import Stores
from services.directory.application.key_for_identity import KeyForIdentity
from services.directory.application.sealed import Contact, open_contact, seal_contact
from services.directory.domain import ids
from services.directory.domain.identity import normalise_login
from services.directory.domain.user import User, check_user


@dataclass(frozen=True)
class PutUser:
    """Name, e-mail and login are sealed with the key of the user's identity."""

    stores: Stores
    key_for_identity: KeyForIdentity

    def __call__(
        self, school: str, login: str, name: str, email: str, role: str, at: datetime
    ) -> str:
        """The user's id. InvalidError names the field."""
        check_user(name, email, role)
        contact = Contact(normalise_login(login), name.strip(), email)
        key = self.key_for_identity(school, login, at)
        store = self.stores.of(school)
        id_ = ids.user_id(school, key.key_id)
        user = store.find(User, id_)
        if user is None:
            user = User.add(
                id_,
                school_id=school,
                key_id=key.key_id,
                role=role,
                sealed_contact=seal_contact(key, contact),
                at=at,
            )
        else:
            same = open_contact(key, user.sealed_contact) == contact
            user.change(role, None if same else seal_contact(key, contact), at)
        store.save(user)
        return str(id_)
