"""Declarations over directory's messages."""

import strawberry

from contracts.directory.v1 import requests_pb2 as dr
from gateway.schema.reading import shows


@shows(dr.GetMeResponse)
@strawberry.type(description="The user who is signed in.")
class Me:
    """A user and the school."""

    user_id: strawberry.ID
    role: str = strawberry.field(description="dsl, deputy_dsl, head, it, governor or integrator.")
    name: str
    school_id: strawberry.ID
    school_name: str


@shows(dr.EnrolDeviceResponse)
@strawberry.type(description="A device that may send activity from now on.")
class EnrolledDevice:
    """A device and its token."""

    device_id: strawberry.ID
    token: str = strawberry.field(description="Shown this once; only its hash is stored.")
