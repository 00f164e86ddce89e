"""How the command line speaks to a running Vigil: as the role ``operator``."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.auth import Signer, Verifier
from chassis.bus.bus import Bus, connect
from chassis.errors import NotFoundError, TransientError
from chassis.tenancy import PLATFORM
from contracts.directory.v1.requests_pb2 import ListSchoolsRequest, ListSchoolsResponse
from contracts.directory.v1.states_pb2 import SchoolState
from contracts.registry import OPERATOR, REGISTRY

OPERATOR_FILE = "operator.json"
"""Written into the data folder by ``vigil up``: ``nats_url``, ``secrets_dir``, ``trust_file``."""
CONNECT_WITHIN_S = 5.0


class NotRunningError(TransientError):
    """There is nothing to speak to."""

    def __init__(self, message: str) -> None:
        super().__init__("not_running", message)


@dataclass(frozen=True)
class Operator:
    """Where the servers are, and the operator's keys to them."""

    nats_url: str
    secrets_dir: Path
    trust_file: Path


@asynccontextmanager
async def operator_bus(data_dir: Path) -> AsyncIterator[Bus]:
    """A bus as the operator; raises NotRunningError, whose message says what to do."""
    operator = find_operator(data_dir)
    try:
        password = (operator.secrets_dir / "nats_password").read_text().strip()
        signer = Signer(OPERATOR, (operator.secrets_dir / "role_key").read_bytes())
        verifier = Verifier.from_file(operator.trust_file)
    except OSError as error:
        raise NotRunningError(
            f"The operator's secrets can't be read ({error.strerror}: {error.filename})."
        ) from error
    try:
        connecting = connect(
            url=operator.nats_url,
            user=OPERATOR,
            password=password,
            registry=REGISTRY,
            signer=signer,
            verifier=verifier,
        )
        bus = await asyncio.wait_for(connecting, CONNECT_WITHIN_S)
    except TimeoutError:
        raise NotRunningError(
            f"Nothing answers at {operator.nats_url}: start Vigil with `vigil up`."
        ) from None
    try:
        yield bus
    finally:
        await bus.close()


def find_operator(data_dir: Path) -> Operator:
    """The environment's servers, else those of the data folder. Raises NotRunningError."""
    names = ("NATS_URL", "SECRETS_DIR", "TRUST_FILE")
    given = {name: os.environ.get(name, "") for name in names}
    if all(given.values()):
        return Operator(given["NATS_URL"], Path(given["SECRETS_DIR"]), Path(given["TRUST_FILE"]))
    found = _announced(data_dir, f"set {', '.join(names)}")
    return Operator(found["nats_url"], Path(found["secrets_dir"]), Path(found["trust_file"]))


def address(data_dir: Path, name: str) -> str:
    """Where ``capture``, ``graphql`` or ``feed`` of the data folder is. Raises NotRunningError."""
    return _announced(data_dir, f"give the address with --{name}")[name]


def _announced(data_dir: Path, otherwise: str) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((data_dir / OPERATOR_FILE).read_text())
    except OSError:
        raise NotRunningError(
            f"Nothing is running in the data folder {data_dir}: start Vigil with `vigil up`, name "
            f"another folder with --data, or {otherwise}."
        ) from None
    return found


async def school_by_slug(bus: Bus, slug: str) -> SchoolState:
    """The school with this slug; NotFoundError that lists what there is."""
    answer = await bus.ask(ListSchoolsRequest(), ListSchoolsResponse, tenant=PLATFORM)
    schools = {school.state.slug: school.state for school in answer.schools}
    if slug not in schools:
        known = ", ".join(sorted(schools)) or "none yet"
        raise NotFoundError("no_school", f"There is no school {slug}. Schools: {known}.")
    return schools[slug]
