import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vigil.embedded.data_folder import DataFolder
from vigil.runner.program import Child

MakeChild = Callable[..., Child]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def folder(tmp_path: Path, said: list[str]) -> Iterator[DataFolder]:
    folder = DataFolder(tmp_path / "data", said.append)
    folder.lock()
    yield folder
    folder.unlock()


@pytest.fixture
def make_child(folder: DataFolder, tmp_path: Path) -> MakeChild:
    script = Path(__file__).parent / "programs" / "http_child.py"

    def make(name: str, habit: str = "good") -> Child:
        port = folder.port(name)
        return Child(
            name=name,
            argv=[sys.executable, str(script), name, str(port), str(tmp_path / "notes"), habit],
            env={"PATH": "/usr/bin:/bin"},
            health_url=f"http://127.0.0.1:{port}/readyz",
            log_path=folder.log_path(name),
        )

    return make
