"""Enrol a device, or give a known one a new token."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from services.directory.application.directory import Stores
from services.directory.domain import ids
from services.directory.domain.device import Device, check_device


@dataclass(frozen=True)
class EnrolDevice:
    """The token is passed in; only its SHA-256 is stored."""

    stores: Stores

    def __call__(self, school: str, name: str, kind: str, token: str, at: datetime) -> str:
        """The device's id. InvalidError names the field."""
        check_device(name, kind)
        store = self.stores.of(school)
        token_hash = sha256(token.encode()).hexdigest()
        id_ = ids.device_id(school, name)
        device = store.find(Device, id_)
        if device is None:
            device = Device.enrol(
                id_, school_id=school, name=name, kind=kind, token_hash=token_hash, at=at
            )
        else:
            device.enrol_again(kind, token_hash, at)
        store.save(device)
        return str(id_)
