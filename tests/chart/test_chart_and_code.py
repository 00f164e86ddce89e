"""The chart says what the code says: roles, modules, settings, secrets, streams."""

from importlib import import_module
from typing import Annotated, Any

import pytest
from chart_rendering import CHART, Rendered, container, env, render
from pydantic import TypeAdapter

from chassis.settings import RoleSettings
from contracts.registry import REGISTRY, ROLES
from vigil.system.roles import ROLES as LOCAL_ROLES
from vigil.system.roles import database_of

MINIMAL = render(CHART / "ci" / "minimal-values.yaml")


def _settings(defaults: dict[str, Any], role: str) -> type[RoleSettings]:
    module = defaults["roles"][role]["module"]
    found: type[RoleSettings] = import_module(f"{module}.settings").Settings
    return found


def test_roles_equal_the_registrys(chart: Rendered) -> None:
    assert set(chart.deployments) == set(ROLES)


def test_roles_are_started_as_on_one_machine(chart: Rendered) -> None:
    for role in LOCAL_ROLES:
        pod = chart.deployments[role.name]["spec"]["template"]
        assert container(pod)["args"] == [role.module]
        database = env(pod).get("MONGODB_DATABASE")
        assert database == (database_of(role.name) if role.database else None)
        ports = {port["name"] for port in container(pod)["ports"]}
        assert ports == ({"health", "http"} if role.http else {"health"})


@pytest.mark.parametrize("role", ROLES)
def test_every_environment_name_is_a_setting(role: str, defaults: dict[str, Any]) -> None:
    fields = {name.upper() for name in _settings(defaults, role).model_fields}
    given = set(env(MINIMAL.deployments[role]["spec"]["template"]))
    assert given <= fields | {"SECRETS_DIR"}


@pytest.mark.parametrize("role", ROLES)
def test_every_required_setting_is_given(role: str, defaults: dict[str, Any]) -> None:
    settings = _settings(defaults, role)
    required = {name for name, field in settings.model_fields.items() if field.is_required()}
    given = {name.lower() for name in env(MINIMAL.deployments[role]["spec"]["template"])}
    assert required - settings.secret_names <= given


@pytest.mark.parametrize("role", ROLES)
def test_what_is_given_is_read_as_meant(role: str, defaults: dict[str, Any]) -> None:
    """The settings class accepts the chart's very strings."""
    settings = _settings(defaults, role)
    given = env(MINIMAL.deployments[role]["spec"]["template"])
    for name, field in settings.model_fields.items():
        if name.upper() in given:
            meant = Annotated[field.annotation, field]
            TypeAdapter(meant).validate_python(given[name.upper()])


@pytest.mark.parametrize("role", ROLES)
def test_secrets_are_files_named_as_the_settings_name_them(
    role: str, defaults: dict[str, Any]
) -> None:
    (secret,) = (
        volume["secret"]
        for volume in MINIMAL.deployments[role]["spec"]["template"]["spec"]["volumes"]
        if "secret" in volume
    )
    assert {item["key"] for item in secret["items"]} == _settings(defaults, role).secret_names
    assert all(item["key"] == item["path"] for item in secret["items"])


def test_scaling_by_lag_asks_for_consumers_that_exist(chart: Rendered) -> None:
    known = {(durable.stream, durable.name): durable for durable in REGISTRY.durables}
    for scaled in chart.of("ScaledObject"):
        for trigger in scaled["spec"]["triggers"]:
            asked = trigger["metadata"]
            durable = known[asked["stream"], asked["consumer"]]
            label = scaled["metadata"]["labels"]["app.kubernetes.io/component"]
            assert durable.role == label
            # One message at a time is not made faster by more pods.
            assert durable.max_ack_pending > 1
            assert all(isinstance(value, str) for value in asked.values())


def test_production_scales_by_lag() -> None:
    assert render(CHART / "ci" / "production-values.yaml").of("ScaledObject")
