"""Each committed set of values, rendered."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_rendering import CHART, VALUES, Rendered, render


@pytest.fixture(params=VALUES, ids=[path.stem for path in VALUES])
def values(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def chart(values: Path) -> Rendered:
    return render(values)


@pytest.fixture
def defaults() -> dict[str, Any]:
    return yaml.safe_load((CHART / "values.yaml").read_text())
