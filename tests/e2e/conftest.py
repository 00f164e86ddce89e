from collections.abc import Iterator
from pathlib import Path

import pytest
from school_under_test import School
from system_under_test import SystemUnderTest


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemUnderTest]:
    """One Vigil for all stories that leave it whole."""
    running = SystemUnderTest(tmp_path_factory.mktemp("vigil"), "--trace")
    try:
        yield running.start()
    finally:
        # Nobody needs the folder any more; a stop in order takes ten seconds.
        running.kill_runner()


@pytest.fixture(scope="module")
def school(
    system: SystemUnderTest,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> School:
    """A small school of this file's own."""
    module: str = request.module.__name__
    return School.create(system, _slug(module), tmp_path_factory.mktemp(module))


@pytest.fixture(scope="session")
def demo() -> Path:
    return Path(__file__).parents[2] / "demo" / "greenfield"


def _slug(module: str) -> str:
    return module.removeprefix("test_").replace("_", "-")
