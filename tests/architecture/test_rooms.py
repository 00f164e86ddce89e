"""The same rooms everywhere, and small ones."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = [
    *(p for p in sorted((ROOT / "services").iterdir()) if (p / "bootstrap.py").exists()),
    *(p for p in sorted((ROOT / "services/policy").iterdir()) if (p / "bootstrap.py").exists()),
]
ROOMS = {"domain", "projections", "application", "adapters", "entrypoints", "packs"}
FILES = {"README.md", "bootstrap.py", "settings.py", "__main__.py", "__init__.py"}
MOST_LINES = 400


def _tracked(*patterns: str) -> list[Path]:
    out = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [ROOT / name for name in out.split("\0") if name and (ROOT / name).exists()]


def test_there_are_services() -> None:
    assert [p.name for p in SERVICES] == [
        "alerting",
        "capture",
        "directory",
        "reporting",
        "evaluation",
        "incidents",
    ]


@pytest.mark.parametrize("service", SERVICES, ids=lambda p: p.name)
def test_a_service_has_the_house_s_rooms(service: Path) -> None:
    folders = {p.name for p in service.iterdir() if p.is_dir() and p.name != "__pycache__"}
    files = {p.name for p in service.iterdir() if p.is_file()}
    assert folders <= ROOMS
    assert {"application", "adapters", "entrypoints"} <= folders
    assert files == FILES


def test_no_file_is_larger_than_a_reader_can_hold() -> None:
    large = {
        str(path.relative_to(ROOT)): count
        for path in _tracked("*.py", "*.ts", "*.tsx")
        if not path.stem.endswith("_pb2")
        and (count := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert large == {}


@pytest.mark.parametrize("service", SERVICES, ids=lambda p: p.name)
def test_every_module_says_why_it_exists(service: Path) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in service.rglob("*.py")
        if ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_motor_and_the_environment_stay_out() -> None:
    """Motor is deprecated; settings classes alone read the environment."""
    readers = []
    for path in _tracked("services/*.py", "gateway/*.py", "chassis/*.py", "agents/*.py"):
        text = path.read_text()
        if "os.environ" in text or "getenv" in text or "import motor" in text:
            readers.append(str(path.relative_to(ROOT)))
    assert readers == []
