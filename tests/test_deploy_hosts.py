"""Kubernetes and systemd: probes, ports, limits and hardening as the service needs them."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from model.scorer import ToneScorer
from service.app import create_app
from service.errors import UNUSABLE
from service.server import DRAIN_SECONDS
from service.settings import Settings

ROOT = Path(__file__).parent.parent
KUBERNETES = ROOT / "deploy" / "kubernetes"
WITH_KEYS = ROOT / "deploy" / "kubernetes-with-keys"
UNIT = ROOT / "deploy" / "systemd" / "diplotone.service"
PORT = Settings.model_fields["port"].default
DRAINED = Settings.model_fields["deadline_seconds"].default + DRAIN_SECONDS


def load(path: Path) -> Any:  # noqa: ANN401
    return yaml.safe_load(path.read_text("utf-8"))


KUSTOMIZATION = load(KUBERNETES / "kustomization.yaml")
OBJECTS = {
    found["kind"]: found
    for found in (load(KUBERNETES / name) for name in KUSTOMIZATION["resources"])
}
POD = OBJECTS["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
LABELS = OBJECTS["Deployment"]["spec"]["template"]["metadata"]["labels"]
GAUGE = "diplotone_queue_items"


def test_the_kustomization_names_every_file_and_its_own_image() -> None:
    there = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(KUSTOMIZATION["resources"]) == there
    (image,) = KUSTOMIZATION["images"]
    assert CONTAINER["image"] == f"{image['name']}:{image['newTag']}"
    assert load(ROOT / "compose.yaml")["services"]["diplotone"]["image"] == CONTAINER["image"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert image["newTag"] == project["version"]


def test_everything_selects_the_pods_of_the_deployment() -> None:
    selectors = [
        OBJECTS["Deployment"]["spec"]["selector"]["matchLabels"],
        OBJECTS["Service"]["spec"]["selector"],
        OBJECTS["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
        OBJECTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        POD["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
    ]
    assert all(selector == LABELS for selector in selectors)


def test_ports_agree() -> None:
    assert CONTAINER["ports"] == [{"name": "http", "containerPort": PORT}]
    assert OBJECTS["Service"]["spec"]["ports"][0]["targetPort"] == "http"
    assert OBJECTS["NetworkPolicy"]["spec"]["ingress"][0]["ports"][0]["port"] == "http"
    variables = {one["name"]: one["value"] for one in CONTAINER["env"]}
    assert variables == {"DIPLOTONE_HOST": "0.0.0.0", "DIPLOTONE_PORT": str(PORT)}
    notes = OBJECTS["Deployment"]["spec"]["template"]["metadata"]["annotations"]
    assert notes["prometheus.io/port"] == str(PORT)


def test_probes_ask_paths_that_the_service_answers(scorer: ToneScorer) -> None:
    wanted = {"startup": "/readyz", "readiness": "/readyz", "liveness": "/healthz"}
    notes = OBJECTS["Deployment"]["spec"]["template"]["metadata"]["annotations"]
    with TestClient(create_app(Settings(), scorer)) as client:
        for probe, path in wanted.items():
            found = CONTAINER[f"{probe}Probe"]["httpGet"]
            assert found == {"path": path, "port": "http"}
            assert client.get(path).status_code == 200
        assert client.get(notes["prometheus.io/path"]).status_code == 200


def test_the_pod_has_time_to_drain() -> None:
    before = int(CONTAINER["lifecycle"]["preStop"]["exec"]["command"][1])
    assert POD["terminationGracePeriodSeconds"] > DRAINED + before


def test_the_links_of_a_service_of_this_name_set_no_variable() -> None:
    # Kubernetes would set DIPLOTONE_PORT to tcp://..., which is no port.
    assert OBJECTS["Service"]["metadata"]["name"] == "diplotone"
    assert POD["enableServiceLinks"] is False


def test_the_pod_may_do_nothing_but_serve() -> None:
    assert POD["automountServiceAccountToken"] is False
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    user = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert user
    assert POD["securityContext"]["runAsUser"] == int(user[1])
    assert POD["securityContext"]["runAsGroup"] == int(user[2])
    own = CONTAINER["securityContext"]
    assert own["allowPrivilegeEscalation"] is False
    assert own["readOnlyRootFilesystem"] is True
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert CONTAINER["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108
    assert OBJECTS["NetworkPolicy"]["spec"]["egress"] == []


def test_processors_and_memory_are_limited() -> None:
    limits, requests = (CONTAINER["resources"][kind] for kind in ("limits", "requests"))
    assert set(limits) == set(requests) == {"cpu", "memory"}


def test_the_autoscaler_reads_the_queue_through_the_adapter() -> None:
    scaler = OBJECTS["HorizontalPodAutoscaler"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == OBJECTS["Deployment"]["metadata"]["name"]
    assert "replicas" not in OBJECTS["Deployment"]["spec"]
    (gauge,) = [metric["pods"] for metric in scaler["metrics"] if metric["type"] == "Pods"]
    assert gauge["metric"]["name"] == GAUGE
    limit = Settings.model_fields["queue_items"].default
    assert 0 < int(gauge["target"]["averageValue"]) < limit / 2
    (rule,) = load(ROOT / "deploy" / "prometheus" / "adapter.yaml")["rules"]["custom"]
    assert rule["name"]["as"] == GAUGE
    assert rule["seriesQuery"].startswith(GAUGE + "{")


def test_the_variant_with_keys_stands_beside_and_mounts_a_folder() -> None:
    kustomization = load(WITH_KEYS / "kustomization.yaml")
    (base,) = kustomization["resources"]
    assert (WITH_KEYS / base).resolve() == KUBERNETES  # never above: kustomize refuses a cycle
    (patch,) = kustomization["patches"]
    pod = load(WITH_KEYS / patch["path"])["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["name"] == CONTAINER["name"]
    (variable,) = container["env"]
    (mount,) = container["volumeMounts"]
    assert variable["name"] == "DIPLOTONE_API_KEYS_FILE"
    assert str(Path(variable["value"]).parent) == mount["mountPath"]
    assert pod["volumes"][0]["name"] == mount["name"]


def directives() -> dict[str, list[str]]:
    """The unit's directives by section and name; one may stand several times."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in UNIT.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, line
            found.setdefault(f"{section}.{name}", []).append(value)
    return found


DIRECTIVES = directives()


@pytest.mark.parametrize(
    "name",
    [
        "DynamicUser",
        "LockPersonality",
        "MemoryDenyWriteExecute",
        "NoNewPrivileges",
        "PrivateDevices",
        "PrivateTmp",
        "PrivateUsers",
        "ProtectClock",
        "ProtectControlGroups",
        "ProtectHome",
        "ProtectHostname",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "RestrictNamespaces",
        "RestrictRealtime",
        "RestrictSUIDSGID",
    ],
)
def test_the_unit_is_hardened(name: str) -> None:
    assert DIRECTIVES[f"Service.{name}"] == ["yes"]


def test_the_unit_starts_the_service_and_gives_it_time_to_drain() -> None:
    assert DIRECTIVES["Service.ExecStart"] == ["/opt/diplotone/bin/diplotone serve"]
    assert int(DIRECTIVES["Service.TimeoutStopSec"][0]) > DRAINED
    assert DIRECTIVES["Service.RestartPreventExitStatus"] == [str(UNUSABLE)]
    assert DIRECTIVES["Service.CapabilityBoundingSet"] == [""]
    assert DIRECTIVES["Service.ProtectSystem"] == ["strict"]
    # The event loop's socket pair, and a runtime that reads /proc/cpuinfo.
    assert "AF_UNIX" in DIRECTIVES["Service.RestrictAddressFamilies"][0]
    assert "Service.ProcSubset" not in DIRECTIVES
