"""The Tiltfile loads, and builds and deploys each role."""

from typing import Any

import starlark
from chart_rendering import ROOT

from contracts.registry import ROLES


def test_every_image_is_built_and_every_role_deployed() -> None:
    built: dict[str, dict[str, Any]] = {}
    rendered: list[str] = []
    resources: set[str] = set()

    def docker_build(ref: str, context: str, **options: Any) -> None:
        assert context == "."
        built[ref] = options

    def helm(path: str, name: str, values: list[str]) -> str:
        assert all((ROOT / part).exists() for part in (path, *values))
        rendered.append(name)
        return path

    def k8s_resource(name: str, **options: Any) -> None:
        assert options["labels"] == ["roles"]
        resources.add(name)

    module = starlark.Module()
    for stub in (docker_build, helm, k8s_resource):
        module.add_callable(stub.__name__, stub)
    module.add_callable("k8s_yaml", lambda _: None)
    source = (ROOT / "Tiltfile").read_text()
    syntax = starlark.parse("Tiltfile", source, dialect=starlark.Dialect.extended())
    starlark.eval(module, syntax, starlark.Globals.standard())
    assert set(built) == {f"vigil/{role}" for role in (*ROLES, "cli")}
    assert rendered == ["vigil"]
    assert resources == {f"vigil-{role}" for role in ROLES}
    for ref, options in built.items():
        assert options["build_args"] == {"ROLE": ref.split("/")[1]}
        assert all((ROOT / part).exists() for part in options["only"])
