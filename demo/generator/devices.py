"""The devices of the school: owned laptops and Chromebooks, a trolley, library PCs, the proxy."""

from dataclasses import dataclass
from functools import cache

from demo.generator.files import rng
from demo.generator.people import pupils, staff

LAPTOPS = 24
CHROMEBOOKS = 24
OWNED_CHROMEBOOKS = 14
LIBRARY_PCS = 6
PROXY = "gf-proxy-1"


@dataclass(frozen=True)
class Device:
    """A device as ``devices.csv`` lists it. ``login`` is empty where nobody owns it."""

    name: str
    kind: str
    login: str = ""

    @property
    def short(self) -> str:
        """The beginning of the ids that the device gives, as ``lt014``."""
        return self.name.removeprefix("gf-").replace("-", "")


@cache
def devices() -> tuple[Device, ...]:
    """Return every device, in the order of the list."""
    source = rng("devices")
    owners = {p.device: p.login for p in pupils() + staff() if p.device}
    spare = [p.login for p in pupils() if not p.device]

    def owned(name: str, kind: str) -> Device:
        return Device(name, kind, owners.get(name) or spare.pop(source.randrange(len(spare))))

    laptops = [owned(f"gf-lt-{n:03}", "laptop") for n in range(1, LAPTOPS + 1)]
    of_staff = [owned(name, "laptop") for name in sorted(owners) if name > "gf-lt-030"]
    chromebooks = [owned(f"gf-cb-{n:03}", "chromebook") for n in range(1, OWNED_CHROMEBOOKS + 1)]
    trolley = [
        Device(f"gf-cb-{n:03}", "chromebook") for n in range(OWNED_CHROMEBOOKS + 1, CHROMEBOOKS + 1)
    ]
    library = [Device(f"gf-lib-{n:02}", "desktop") for n in range(1, LIBRARY_PCS + 1)]
    return (*laptops, *of_staff, *chromebooks, *trolley, *library, Device(PROXY, "proxy"))
