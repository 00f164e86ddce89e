"""Greenfield Academy, from nothing, or as it is already."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from chassis.bus.bus import Bus
from chassis.tenancy import PLATFORM
from contracts.alerting.v1.alerting_pb2 import Plan, SetPlanRequest
from contracts.common.v1.common_pb2 import Written
from contracts.directory.v1 import requests_pb2 as dr
from services.directory.adapters.importers.oneroster import read_oneroster
from services.directory.adapters.importers.oneroster_rules import RosterLine
from vigil.demo.material import Material
from vigil.replay.tokens import Enrolled, Tokens

NAME = "Greenfield Academy"
SLUG = "greenfield"
PAGE = 100
WITHIN_S = 60.0
TOKEN_S = 4 * 3600


@dataclass(frozen=True)
class School:
    """The school as the demo needs it. ``user_tokens``: role to a token of a user."""

    school_id: str
    zone: ZoneInfo
    devices: Tokens
    user_tokens: Mapping[str, str]


async def set_up(bus: Bus, material: Material, plan: Plan, say: Callable[[str], None]) -> School:
    """Create what is not there yet. Raises VigilError."""
    request = dr.CreateSchoolRequest(name=NAME, slug=SLUG)
    made = await bus.ask(request, dr.CreateSchoolResponse, tenant=PLATFORM, within_s=WITHIN_S)
    school_id = made.school.school_id
    people, created = await _import(bus, school_id, material.roster)
    users = await _users(bus, school_id, json.loads(material.users.read_bytes()))
    devices = await _devices(bus, school_id, material.devices)
    await set_plan(bus, school_id, plan)
    tokens = {role: await _token(bus, school_id, role) for role in users}
    news = "is set up" if made.created else "was here already"
    say(
        f"{NAME} {news}: {people:,} people ({created:,} new), "
        f"{len(devices.of)} devices, {len(users)} users."
    )
    return School(school_id, ZoneInfo(made.school.time_zone), devices, tokens)


async def set_plan(bus: Bus, school_id: str, plan: Plan) -> None:
    """Put an escalation plan into force."""
    await bus.ask(SetPlanRequest(plan=plan), Written, tenant=school_id, within_s=WITHIN_S)


async def _import(bus: Bus, school_id: str, roster: Path) -> tuple[int, int]:
    rows = [entry.row for entry in read_oneroster(roster) if isinstance(entry, RosterLine)]
    created = 0
    for start in range(0, len(rows), PAGE):
        request = dr.ImportPeopleRequest(rows=rows[start : start + PAGE])
        done = await bus.ask(request, dr.ImportPeopleResponse, tenant=school_id, within_s=WITHIN_S)
        created += done.created
    return len(rows), created


async def _users(bus: Bus, school_id: str, entries: list[dict[str, str]]) -> list[str]:
    for entry in entries:
        await bus.ask(
            dr.PutUserRequest(**entry), dr.PutUserResponse, tenant=school_id, within_s=WITHIN_S
        )
    return [entry["role"] for entry in entries]


async def _devices(bus: Bus, school_id: str, devices: Path) -> Tokens:
    enrolled = {}
    with devices.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            request = dr.EnrolDeviceRequest(name=row["name"], kind=row["kind"])
            made = await bus.ask(
                request, dr.EnrolDeviceResponse, tenant=school_id, within_s=WITHIN_S
            )
            enrolled[row["name"]] = Enrolled(
                name=row["name"], kind=row["kind"], device_id=made.device_id, token=made.token
            )
    return Tokens(enrolled)


async def _token(bus: Bus, school_id: str, role: str) -> str:
    request = dr.MintTokenRequest(role=role, ttl_seconds=TOKEN_S)
    made = await bus.ask(request, dr.MintTokenResponse, tenant=school_id, within_s=WITHIN_S)
    return made.token
