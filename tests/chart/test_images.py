"""An image holds what its role imports, and nothing of another role."""

import re
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest
from chart_rendering import ROOT

from contracts.registry import ROLES
from vigil.system.roles import ROLES as LOCAL_ROLES

PACKAGES = ("chassis", "contracts", "gateway", "services", "vigil")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ROLE = {role.name: role for role in LOCAL_ROLES}


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        *PACKAGES,
        include_external_packages=True,
        exclude_type_checking_imports=True,
        cache_dir=None,
    )


def _imported(start: str, *, http: bool) -> set[str]:
    """Everything that importing ``start`` may import; a package's parents run as well."""
    graph, seen, todo = _graph(), set[str](), [start]
    while todo:
        module = todo.pop()
        # Only roles with HTTP serve it; the chassis imports its server where it serves.
        if module in seen or (not http and module.startswith("chassis.http")):
            continue
        seen.add(module)
        if module.split(".")[0] in PACKAGES:
            todo += graph.find_modules_directly_imported_by(module)
            todo += [module.rsplit(".", 1)[0]] if "." in module else []
    return seen


def _starts(role: str) -> tuple[str, bool]:
    if role == "cli":
        return "vigil.system.provision", False
    return f"{ROLE[role].module}.__main__", ROLE[role].http


def _locked(role: str) -> set[str]:
    text = (ROOT / "requirements" / f"{role}.lock").read_text()
    return set(re.findall(r"^([a-z0-9._-]+)==", text, re.MULTILINE))


@pytest.mark.parametrize("role", [*ROLES, "cli"])
def test_the_lock_holds_every_library(role: str) -> None:
    start, http = _starts(role)
    owners = packages_distributions()
    missing = set()
    for module in _imported(start, http=http):
        top = module.split(".")[0]
        if top in PACKAGES or top in sys.stdlib_module_names:
            continue
        names = {re.sub(r"[-_.]+", "-", name).lower() for name in owners.get(top, [top])}
        if not names & _locked(role):
            missing.add(top)
    assert not missing


@pytest.mark.parametrize("role", [*ROLES, "cli"])
def test_locks_pin_by_hash_what_the_whole_system_is_tested_with(role: str) -> None:
    whole = (ROOT / "requirements.lock").read_text()
    lock = (ROOT / "requirements" / f"{role}.lock").read_text()
    assert "://" not in lock
    for pinned, following in re.findall(r"^(\S+==\S+).*\\\n(.*)$", lock, re.MULTILINE):
        assert f"{pinned} " in whole
        assert "--hash=sha256:" in following


@pytest.mark.parametrize("role", [*ROLES, "cli"])
def test_the_image_holds_the_roles_folders_only(role: str, tmp_path: Path) -> None:
    script = re.search(
        r"^RUN (set -eu;.*?python3 -m compileall -q \.)$", DOCKERFILE, re.MULTILINE | re.DOTALL
    )
    assert script is not None
    picking = script[1].replace("\\\n", "").replace("/src", str(ROOT))
    picking = picking.replace("python3 -m compileall -q .", ":")
    subprocess.run(
        ["sh", "-c", picking], cwd=tmp_path, env={"ROLE": role, "PATH": "/usr/bin:/bin"}, check=True
    )
    start, http = _starts(role)
    for module in _imported(start, http=http):
        if module.split(".")[0] in PACKAGES:
            path = tmp_path / module.replace(".", "/")
            assert path.with_suffix(".py").exists() or (path / "__init__.py").exists(), module
    own = "vigil" if role == "cli" else ROLE[role].module.replace(".", "/")
    started = {p.parent.relative_to(tmp_path) for p in tmp_path.rglob("__main__.py")}
    assert all(folder.is_relative_to(own) for folder in started)
    assert {p.name for p in tmp_path.iterdir()} == {"chassis", "contracts", own.split("/")[0]}


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert "USER 10001:10001" in DOCKERFILE
    assert DOCKERFILE.splitlines()[2] == "ARG BASE=docker.io/library/python:3.11-slim-bookworm"
    assert "--require-hashes" in DOCKERFILE
    assert "http" not in DOCKERFILE
