"""The chart, rendered by the real helm for each committed set of values."""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "vigil"
VALUES = sorted((CHART / "ci").glob("*-values.yaml"))
Manifest = dict[str, Any]


@dataclass(frozen=True)
class Rendered:
    """All objects of one rendering."""

    objects: tuple[Manifest, ...]

    def of(self, *kinds: str) -> list[Manifest]:
        return [found for found in self.objects if found["kind"] in kinds]

    def names(self, *kinds: str) -> set[str]:
        return {found["metadata"]["name"] for found in self.of(*kinds)}

    @property
    def deployments(self) -> dict[str, Manifest]:
        """By role."""
        label = "app.kubernetes.io/component"
        return {found["metadata"]["labels"][label]: found for found in self.of("Deployment")}

    @property
    def pods(self) -> list[Manifest]:
        """The pod templates of all workloads."""
        return [found["spec"]["template"] for found in self.of("Deployment", "Job")]


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    binary = ROOT / "tools" / "helm"
    assert binary.exists(), "helm is missing: run `make tools/helm`"
    return subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)


def container(pod: Manifest) -> Manifest:
    (only,) = pod["spec"]["containers"]
    return only


def env(pod: Manifest) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in container(pod).get("env", [])}


@cache
def render(values: Path) -> Rendered:
    done = helm("template", "school", str(CHART), "--values", str(values))
    assert done.returncode == 0, done.stderr
    return Rendered(tuple(found for found in yaml.safe_load_all(done.stdout) if found))
