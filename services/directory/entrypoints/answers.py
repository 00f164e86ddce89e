"""Every request to the directory. The school is the caller's, never the message's."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any

from google.protobuf.message import Message
from pymongo.errors import PyMongoError

from chassis.auth import Caller
from chassis.bus.answer import Answer
from chassis.clock import as_datetime, now_ms
from chassis.errors import InvalidError, NotFoundError
from chassis.sealing import SealKey
from chassis.store.errors import StoreAwayError, is_away
from contracts.directory.v1 import requests_pb2 as dr
from contracts.directory.v1.states_pb2 import SchoolState, UserState
from services.directory.application.use_cases import UseCases
from services.directory.domain.roster import Row
from services.directory.domain.user import check_role

TOKEN_BYTES = 32
"""Of a device's token: too many to guess, so a plain hash of it may be stored."""


def answers(use: UseCases) -> Mapping[type[Message], Answer]:
    """The table: request class to handler."""
    handlers = _Handlers(use)
    table: dict[type[Message], Answer] = {
        dr.CreateSchoolRequest: handlers.create_school,
        dr.ListSchoolsRequest: handlers.list_schools,
        dr.ImportPeopleRequest: handlers.import_people,
        dr.PutUserRequest: handlers.put_user,
        dr.ListUsersRequest: handlers.list_users,
        dr.EnrolDeviceRequest: handlers.enrol_device,
        dr.MintTokenRequest: handlers.mint_token,
        dr.KeyForIdentityRequest: handlers.key_for_identity,
        dr.KeyByIdRequest: handlers.key_by_id,
        dr.ContactOfRequest: handlers.contact_of,
        dr.NameOfRequest: handlers.name_of,
        dr.GetMeRequest: handlers.get_me,
    }
    return {request: _transient(handler) for request, handler in table.items()}


class _Handlers:
    """From messages to use cases and back."""

    def __init__(self, use: UseCases) -> None:
        self._use = use
        self._run = use.commands.run

    async def create_school(
        self, request: dr.CreateSchoolRequest, _: Caller
    ) -> dr.CreateSchoolResponse:
        school, created = await self._run(
            self._use.create_school,
            request.name,
            request.slug,
            request.retention_days,
            request.time_zone,
            as_datetime(now_ms()),
        )
        state = SchoolState(
            school_id=str(school.id),
            slug=school.slug,
            shard=school.shard,
            retention_days=school.retention_days,
            time_zone=school.time_zone,
        )
        return dr.CreateSchoolResponse(school=state, created=created)

    async def list_schools(self, _: dr.ListSchoolsRequest, __: Caller) -> dr.ListSchoolsResponse:
        return dr.ListSchoolsResponse(
            schools=[
                dr.School(
                    state=SchoolState.FromString(row.state),
                    name=row.name,
                    people=row.people,
                    devices=row.devices,
                )
                for row in await self._use.views.schools()
            ]
        )

    async def import_people(
        self, request: dr.ImportPeopleRequest, caller: Caller
    ) -> dr.ImportPeopleResponse:
        rows = [_row(row) for row in request.rows]
        done = await self._run(self._use.import_people, caller.tenant, rows, as_datetime(now_ms()))
        return dr.ImportPeopleResponse(
            created=done.created,
            changed=done.changed,
            unchanged=done.unchanged,
            problems=[
                dr.RowProblem(index=p.index, field=p.field, reason=p.reason) for p in done.problems
            ],
        )

    async def put_user(self, request: dr.PutUserRequest, caller: Caller) -> dr.PutUserResponse:
        user_id = await self._run(
            self._use.put_user,
            caller.tenant,
            request.login,
            request.name,
            request.email,
            request.role,
            as_datetime(now_ms()),
        )
        return dr.PutUserResponse(user_id=user_id)

    async def list_users(
        self, request: dr.ListUsersRequest, caller: Caller
    ) -> dr.ListUsersResponse:
        users = await self._use.views.users(caller.tenant, request.role)
        return dr.ListUsersResponse(users=[UserState.FromString(body) for body in users])

    async def enrol_device(
        self, request: dr.EnrolDeviceRequest, caller: Caller
    ) -> dr.EnrolDeviceResponse:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        device_id = await self._run(
            self._use.enrol_device,
            caller.tenant,
            request.name,
            request.kind,
            token,
            as_datetime(now_ms()),
        )
        return dr.EnrolDeviceResponse(device_id=device_id, token=token)

    async def mint_token(
        self, request: dr.MintTokenRequest, caller: Caller
    ) -> dr.MintTokenResponse:
        user_id = await self._user_id(caller.tenant, request.login, request.role)
        minted = await self._run(
            self._use.mint_token, caller.tenant, user_id, request.role, request.ttl_seconds
        )
        return dr.MintTokenResponse(
            token=minted.token,
            user_id=minted.user_id,
            role=minted.role,
            expires_at_ms=minted.expires_at_ms,
        )

    async def _user_id(self, school: str, login: str, role: str) -> str:
        if login:
            return await self._run(self._use.user_by_login, school, login)
        if not role:
            raise InvalidError("no_user_named", "give the user's login, or a role")
        check_role(role)
        users = await self._use.views.users(school, role)
        if not users:
            raise NotFoundError("no_user", f"this school has no user with the role {role}")
        return UserState.FromString(users[0]).user_id

    async def key_for_identity(
        self, request: dr.KeyForIdentityRequest, caller: Caller
    ) -> dr.KeyResponse:
        key = await self._run(
            self._use.key_for_identity, caller.tenant, request.login, as_datetime(now_ms())
        )
        return _key(key)

    async def key_by_id(self, request: dr.KeyByIdRequest, caller: Caller) -> dr.KeyResponse:
        return _key(await self._run(self._use.key_by_id, caller.tenant, request.key_id))

    async def contact_of(
        self, request: dr.ContactOfRequest, caller: Caller
    ) -> dr.ContactOfResponse:
        contact = await self._run(self._use.contact_of, caller.tenant, request.user_id)
        return dr.ContactOfResponse(name=contact.name, email=contact.email)

    async def name_of(self, request: dr.NameOfRequest, caller: Caller) -> dr.NameOfResponse:
        name = await self._run(self._use.name_of, caller.tenant, request.person_id)
        return dr.NameOfResponse(name=name)

    async def get_me(self, _: dr.GetMeRequest, caller: Caller) -> dr.GetMeResponse:
        me = await self._run(self._use.get_me, caller.tenant, caller.subject)
        return dr.GetMeResponse(
            user_id=caller.subject,
            role=caller.role,
            name=me.name,
            school_id=caller.tenant,
            school_name=me.school_name,
        )


def _row(row: dr.RosterRow) -> Row:
    return Row(
        sourced_id=row.sourced_id,
        role=row.role,
        given_name=row.given_name,
        family_name=row.family_name,
        logins=tuple(row.logins),
        year_group=row.year_group if row.HasField("year_group") else None,
        groups=tuple(row.groups),
        active=row.active,
    )


def _key(key: SealKey) -> dr.KeyResponse:
    return dr.KeyResponse(key_id=key.key_id, person_id=key.owner_id, key=key.key)


def _transient(handler: Callable[[Any, Caller], Awaitable[Message]]) -> Answer:
    """An outage of the database is worth trying again, and not a defect of ours."""

    @wraps(handler)
    async def answered(request: Any, caller: Caller) -> Message:
        try:
            return await handler(request, caller)
        except PyMongoError as error:
            if is_away(error):
                raise StoreAwayError from None
            raise

    return answered
