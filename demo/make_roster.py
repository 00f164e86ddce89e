"""Write the roster, its faulty sibling, the holders of duties and the list of devices.

Run ``python -m demo.make_roster [FOLDER]`` from the root of the repository.
"""

import json
import sys
from pathlib import Path

from demo.generator.devices import devices
from demo.generator.faulty_roster import faulty_tables
from demo.generator.files import DEMO, csv_text, write_text, write_zip
from demo.generator.oneroster import tables
from demo.generator.people import EMAIL_DOMAIN, staff

OUTSIDERS = (
    ("s.blackwood", "governor", "Susan Blackwood"),
    ("mis.sync", "integrator", "Greenfield MIS"),
)


def duties() -> list[dict[str, str]]:
    """Return who holds which duty: roles that OneRoster has no word for."""
    holders = [(p.login, p.duty, f"{p.given} {p.family}") for p in staff() if p.duty]
    return [
        {"login": login, "role": role, "name": name, "email": f"{login}@{EMAIL_DOMAIN}"}
        for login, role, name in (*holders, *OUTSIDERS)
    ]


def main(folder: Path) -> None:
    """Write every file of the roster into the folder."""
    write_zip(folder / "roster.zip", tables())
    write_zip(folder / "roster_with_errors.zip", faulty_tables())
    write_text(folder / "users.json", json.dumps(duties(), indent=2, ensure_ascii=False) + "\n")
    rows = [(d.name, d.kind, d.login) for d in devices()]
    write_text(folder / "devices.csv", csv_text(("name", "kind", "login"), rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO / "greenfield")
