"""Schools full of pupils, a device each, made by asking the services as the command line does."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from progress import say

from chassis.bus.bus import Bus
from chassis.tenancy import PLATFORM
from contracts.alerting.v1.alerting_pb2 import Plan, PlanStep, SetPlanRequest
from contracts.common.v1.common_pb2 import Written
from contracts.directory.v1 import requests_pb2 as dr
from vigil.connection import operator_bus

PAGE = 100
WITHIN_S = 120.0
DAY_MS = 24 * 3_600_000
USERS = ("dsl", "deputy_dsl", "head")


@dataclass(frozen=True)
class Device:
    """A pupil's own device."""

    school: str
    token: str
    login: str


@dataclass(frozen=True)
class School:
    """A school, its devices, and the token of its DSL."""

    id: str
    dsl_token: str
    devices: Sequence[Device]


async def make_schools(data: Path, schools: int, pupils: int) -> list[School]:
    """``schools`` schools of ``pupils`` pupils each, in shards of their own."""
    async with operator_bus(data) as bus:
        made = []
        for number in range(schools):
            say(f"making school {number + 1} of {schools}: {pupils} pupils with a device each")
            made.append(await _make(bus, f"bench-{number}", pupils))
        return made


async def _make(bus: Bus, slug: str, pupils: int) -> School:
    create = dr.CreateSchoolRequest(name=f"School {slug}", slug=slug)
    school = (await bus.ask(create, dr.CreateSchoolResponse, tenant=PLATFORM)).school.school_id
    logins = [f"24.pupil{number}.{slug}" for number in range(pupils)]
    rows = [
        dr.RosterRow(
            sourced_id=f"{slug}-{login}",
            role="pupil",
            given_name="Robin",
            family_name=f"Ashgrove {number}",
            logins=[login],
            year_group=7 + number % 5,
            active=True,
        )
        for number, login in enumerate(logins)
    ]
    for start in range(0, len(rows), PAGE):
        page = dr.ImportPeopleRequest(rows=rows[start : start + PAGE])
        await bus.ask(page, dr.ImportPeopleResponse, tenant=school, within_s=WITHIN_S)
    for role in USERS:
        user = dr.PutUserRequest(
            login=f"{role}.{slug}", name=f"The {role}", email=f"{role}@{slug}.example", role=role
        )
        await bus.ask(user, dr.PutUserResponse, tenant=school)
    # One step a day long: the DSL gets one e-mail an incident, and nobody else any.
    plan = Plan(steps=[PlanStep(role="dsl", wait_ms=DAY_MS)], minimum_severity=3)
    await bus.ask(SetPlanRequest(plan=plan), Written, tenant=school)
    devices = []
    for login in logins:
        enrol = dr.EnrolDeviceRequest(name=f"chromebook of {login}", kind="chromebook")
        answer = await bus.ask(enrol, dr.EnrolDeviceResponse, tenant=school)
        devices.append(Device(school, answer.token, login))
    mint = dr.MintTokenRequest(role="dsl", ttl_seconds=12 * 3600)
    token = (await bus.ask(mint, dr.MintTokenResponse, tenant=school)).token
    return School(school, token, devices)
