"""Queries that directory answers."""

import strawberry

from contracts.directory.v1 import requests_pb2 as dr
from gateway.schema.context import Info
from gateway.schema.directory.types import Me
from gateway.schema.fields import answered


@strawberry.type
class DirectoryQueries:
    """Who is asking."""

    @answered("The user who is signed in.")
    async def me(self, info: Info) -> Me | None:
        """Ask directory."""
        return await info.context.show(Me, dr.GetMeRequest())
