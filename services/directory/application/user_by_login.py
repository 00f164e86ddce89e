"""Who signs in with a login."""

from dataclasses import dataclass

from chassis.errors import NotFoundError
from services.directory.application.directory import Stores
from services.directory.application.ports import Secrets
from services.directory.domain import ids
from services.directory.domain.identity import identity_mark
from services.directory.domain.user import User


@dataclass(frozen=True)
class UserByLogin:
    """Finds the id of the user with a login."""

    stores: Stores
    secrets: Secrets

    def __call__(self, school: str, login: str) -> str:
        """NotFoundError if the school has no such user."""
        store = self.stores.of(school)
        id_ = ids.user_id(school, identity_mark(self.secrets.of(school), login))
        if store.find(User, id_) is None:
            raise NotFoundError("no_user", "this school has no user with this login")
        return str(id_)
