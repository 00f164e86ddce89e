"""What neither helm nor a schema sees, and only an API server or a kubelet would say."""

from decimal import Decimal
from typing import Any

from chart_rendering import Rendered, container

_UNITS = {"m": Decimal("0.001"), "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "": 1}


def _amount(quantity: str | int) -> Decimal:
    digits = str(quantity).rstrip("kmKMGi")
    return Decimal(digits) * _UNITS[str(quantity)[len(digits) :]]


def _matches(selector: dict[str, str], labels: dict[str, str]) -> bool:
    return selector.items() <= labels.items()


def _volumes(pod: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {volume["name"]: volume for volume in pod["spec"]["volumes"]}


def test_selectors_find_their_own_workload_and_no_other(chart: Rendered) -> None:
    labels = {
        d["metadata"]["name"]: d["spec"]["template"]["metadata"]["labels"]
        for d in chart.of("Deployment", "Job")
    }
    selectors = [
        (d, d["spec"]["selector"]["matchLabels"])
        for d in chart.of("Deployment", "PodDisruptionBudget")
    ]
    selectors += [(s, s["spec"]["selector"]) for s in chart.of("Service")]
    selectors += [(p, p["spec"]["podSelector"]["matchLabels"]) for p in chart.of("NetworkPolicy")]
    for owner, selector in selectors:
        found = [name for name, given in labels.items() if _matches(selector, given)]
        assert found == [owner["metadata"]["name"]]


def test_ports_exist_and_are_named_shortly(chart: Rendered) -> None:
    declared = {}
    for role, deployment in chart.deployments.items():
        ports = container(deployment["spec"]["template"])["ports"]
        declared[role] = {port["name"] for port in ports}
        assert len({port["containerPort"] for port in ports}) == len(ports)
        assert all(len(p["name"]) <= 15 and 0 < p["containerPort"] < 65536 for p in ports)
    for service in chart.of("Service"):
        role = service["metadata"]["labels"]["app.kubernetes.io/component"]
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= declared[role]


def test_probes_ask_a_declared_port(chart: Rendered) -> None:
    for deployment in chart.of("Deployment"):
        only = container(deployment["spec"]["template"])
        for probe, path in (
            ("startupProbe", "/healthz"),
            ("livenessProbe", "/healthz"),
            ("readinessProbe", "/readyz"),
        ):
            assert only[probe]["httpGet"] == {"path": path, "port": "health"}


def test_every_mount_has_its_volume_and_every_reference_its_object(chart: Rendered) -> None:
    for pod in chart.pods:
        mounted = {mount["name"] for mount in container(pod)["volumeMounts"]}
        assert mounted == set(_volumes(pod))
        account = pod["spec"].get("serviceAccountName")
        assert account is None or account in chart.names("ServiceAccount")
        for volume in _volumes(pod).values():
            if "configMap" in volume:
                made, name = chart.names("ConfigMap"), volume["configMap"]["name"]
                assert name in made or (not made and name == "vigil-trust")


def test_no_secret_is_made_here(chart: Rendered) -> None:
    assert not chart.of("Secret")


def test_requests_are_within_limits(chart: Rendered) -> None:
    for pod in chart.pods:
        resources = container(pod)["resources"]
        assert {"cpu", "memory"} <= set(resources["requests"])
        assert "memory" in resources["limits"]
        for name, limit in resources["limits"].items():
            assert _amount(resources["requests"][name]) <= _amount(limit)


def test_pods_pass_the_restricted_pod_security_standard(chart: Rendered) -> None:
    for pod in chart.pods:
        security, inner = pod["spec"]["securityContext"], container(pod)["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] == 10001  # the image's own
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert inner["allowPrivilegeEscalation"] is False
        assert inner["readOnlyRootFilesystem"] is True
        assert inner["capabilities"] == {"drop": ["ALL"]}
        assert pod["spec"]["automountServiceAccountToken"] is False
        kinds = {kind for v in _volumes(pod).values() for kind in v if kind != "name"}
        assert kinds <= {"secret", "configMap", "emptyDir"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod["spec"])


def test_one_owner_of_the_number_of_pods(chart: Rendered) -> None:
    scalers = chart.of("HorizontalPodAutoscaler", "ScaledObject")
    scaled = [scaler["spec"]["scaleTargetRef"]["name"] for scaler in scalers]
    assert len(scaled) == len(set(scaled))
    for deployment in chart.of("Deployment"):
        owned = deployment["metadata"]["name"] in scaled
        assert ("replicas" in deployment["spec"]) != owned


def test_disruption_budgets_let_a_node_be_drained(chart: Rendered) -> None:
    least = {d["metadata"]["name"]: d["spec"].get("replicas", 0) for d in chart.of("Deployment")}
    for scaler in chart.of("HorizontalPodAutoscaler", "ScaledObject"):
        spec = scaler["spec"]
        least[spec["scaleTargetRef"]["name"]] = spec.get("minReplicas", spec.get("minReplicaCount"))
    for budget in chart.of("PodDisruptionBudget"):
        assert budget["spec"]["minAvailable"] < least[budget["metadata"]["name"]]


def test_every_pod_is_fenced_and_reaches_what_it_needs(chart: Rendered) -> None:
    fences = {policy["metadata"]["name"]: policy["spec"] for policy in chart.of("NetworkPolicy")}
    for workload in chart.of("Deployment", "Job"):
        fence, only = fences[workload["metadata"]["name"]], container(workload["spec"]["template"])
        assert set(fence["policyTypes"]) == {"Ingress", "Egress"}
        open_to = {port["port"] for rule in fence["egress"] for port in rule["ports"]}
        given = {entry["name"]: entry["value"] for entry in only["env"]}
        wanted = {53, 4222} | ({27017} if "MONGODB_URL" in given else set())
        wanted |= {int(given["SMTP_PORT"])} if "SMTP_PORT" in given else set()
        wanted |= {4318} if "OTLP_ENDPOINT" in given else set()
        assert open_to == wanted
        let_in = {p["port"] for rule in fence.get("ingress", []) for p in rule["ports"]}
        assert let_in == {p["name"] for p in only.get("ports", [])} - {"health"}


def test_streams_are_made_before_any_role_starts(chart: Rendered) -> None:
    (job,) = chart.of("Job")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert container(job["spec"]["template"])["args"] == ["vigil", "provision"]
