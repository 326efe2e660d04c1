"""What deploys the service agrees with the service: variables, ports, paths, metrics, hardening."""

import json
import lzma
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from py3langid import langid

from model.scorer import ToneScorer
from service.app import create_app
from service.server import DRAIN_SECONDS
from service.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
YAMLS = [ROOT / "compose.yaml", *sorted(DEPLOY.rglob("*.yaml"))]
FILES = [ROOT / "Dockerfile", ROOT / "compose.yaml", *sorted(DEPLOY.rglob("*"))]
TEXTS = [path for path in FILES if path.is_file()]
PORT = Settings.model_fields["port"].default
DRAINED = Settings.model_fields["deadline_seconds"].default + DRAIN_SECONDS
TMP_MEBIBYTES = 128


def load(path: Path) -> Any:  # noqa: ANN401
    return yaml.safe_load(path.read_text("utf-8"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", YAMLS, ids=named)
def test_every_yaml_parses_and_repeats_no_key(path: Path) -> None:
    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ANN401
            plain = [key for key, _ in node.value if not key.tag.endswith(":merge")]
            keys = [self.construct_object(key) for key in plain]
            assert len(keys) == len(set(keys)), keys
            return super().construct_mapping(node, deep)

    assert yaml.load(path.read_text("utf-8"), Strict)  # noqa: S506 - a safe loader


@pytest.mark.parametrize("path", TEXTS, ids=named)
def test_every_variable_named_is_a_setting(path: Path) -> None:
    used = set(re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", path.read_text("utf-8")))
    assert used <= {PREFIX + name.upper() for name in Settings.model_fields}


class Instruction(NamedTuple):
    name: str
    value: str


def stages(text: str) -> list[list[Instruction]]:
    """The instructions of a Dockerfile by stage; comments and line ends taken out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found: list[list[Instruction]] = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            instruction = Instruction(*line.split(maxsplit=1))
            if instruction.name == "FROM":
                found.append([])
            found[-1].append(instruction)
    return found


STAGES = stages((ROOT / "Dockerfile").read_text("utf-8"))
FINAL = STAGES[-1]


def values(name: str, instructions: list[Instruction] = FINAL) -> list[str]:
    return [value for found, value in instructions if found == name]


def test_the_image_is_built_in_stages_on_pinned_tags() -> None:
    bases = [values("FROM", stage)[0].split()[0] for stage in STAGES]
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", base) for base in bases)
    assert len(set(bases)) == 1


def test_the_image_does_not_run_as_root() -> None:
    (user,) = values("USER")
    assert all(int(part) >= 10_000 for part in user.split(":"))
    after = [found for found, _ in FINAL][[found for found, _ in FINAL].index("USER") :]
    assert not {"RUN", "COPY", "ADD"} & set(after)


def test_nothing_is_fetched_but_by_pip_with_its_constraints() -> None:
    runs = [json.loads(value) for stage in STAGES for value in values("RUN", stage)]
    assert all(run[0] == "python" for run in runs)  # no shell, so no pipe into one
    (install,) = [run for run in runs if "install" in run]
    assert install[install.index("--constraint") + 1] == "constraints.txt"
    assert install[-1] == "."  # no extra: no torch
    for stage in STAGES:
        assert not values("ADD", stage)


def test_the_image_gets_what_is_shipped_and_the_ignore_file_lets_it_in() -> None:
    copied = [part for value in values("COPY", STAGES[0]) for part in value.split()[:-1]]
    assert {part.rstrip("/") for part in copied} >= {"model", "service", "constraints.txt"}
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = {line[1:] for line in ignore if line.startswith("!")}
    assert "*" in ignore
    assert let_in == {part.rstrip("/") for part in copied}
    assert all((ROOT / part).exists() for part in copied)
    assert (ROOT / "model" / "released" / "model.onnx").exists()


def test_the_image_serves_and_checks_its_health() -> None:
    assert values("ENTRYPOINT") == ['["diplotone"]']
    assert values("CMD") == ['["serve"]']
    assert values("EXPOSE") == [str(PORT)]
    variables = dict(part.split("=", 1) for part in shlex.split(" ".join(values("ENV"))))
    assert variables[f"{PREFIX}PORT"] == str(PORT)
    (health,) = values("HEALTHCHECK")
    assert json.loads(health.partition("CMD ")[2]) == ["python", "-m", "service.alive"]
    assert (ROOT / "service" / "alive.py").exists()


COMPOSE = load(ROOT / "compose.yaml")


def test_compose_opens_ports_on_loopback_only_and_pins_its_images() -> None:
    for name, service in COMPOSE["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"]), name
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), name
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_compose_gives_the_service_its_port_tmp_and_time_to_drain() -> None:
    service = COMPOSE["services"]["diplotone"]
    assert service["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert service["tmpfs"][0].startswith(f"/tmp:size={TMP_MEBIBYTES}m,")  # noqa: S108
    assert int(service["stop_grace_period"].rstrip("s")) > DRAINED


def test_tmp_has_room_for_what_the_start_unpacks_there() -> None:
    with lzma.open(Path(langid.__file__).parent / langid.MODEL_FILE) as packed:
        size = sum(map(len, iter(lambda: packed.read(2**20), b"")))
    assert 1.5 * size < TMP_MEBIBYTES * 2**20
    pod = load(DEPLOY / "kubernetes" / "deployment.yaml")["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "tmp", "emptyDir": {"sizeLimit": f"{TMP_MEBIBYTES}Mi"}}]


def test_compose_mounts_what_exists() -> None:
    mounted = [v for s in COMPOSE["services"].values() for v in s.get("volumes", [])]
    for source in (volume.split(":")[0] for volume in mounted):
        assert source in COMPOSE["volumes"] or (ROOT / source).exists(), source


def test_prometheus_scrapes_the_service_of_compose() -> None:
    (job,) = load(DEPLOY / "prometheus" / "prometheus.yaml")["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"diplotone:{PORT}"]}]
    assert "diplotone" in COMPOSE["services"]


def test_grafana_finds_prometheus_and_the_dashboard() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    (source,) = load(provisioning / "datasources" / "prometheus.yaml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {source["uid"]}
    (provider,) = load(provisioning / "dashboards" / "diplotone.yaml")["providers"]
    volumes = COMPOSE["services"]["grafana"]["volumes"]
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in volumes


DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboards" / "diplotone.json").read_text("utf-8"))
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
ADAPTER = load(DEPLOY / "prometheus" / "adapter.yaml")["rules"]["custom"]
OF_PROMETHEUS = {"job", "instance", "namespace", "pod"}


@pytest.fixture(scope="module")
def samples(scorer: ToneScorer) -> Iterator[dict[str, set[str]]]:
    """The names and labels that the real service prints once it has answered and refused."""
    with TestClient(create_app(Settings(), scorer)) as client:
        client.post("/v1/score", json={"quote": "We condemn this attack."})
        client.post("/v1/score", json={})
        text = client.get("/metrics").text
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    yield found


@pytest.mark.parametrize("expression", [*EXPRESSIONS, *(rule["seriesQuery"] for rule in ADAPTER)])
def test_every_metric_and_label_of_a_query_exists(
    samples: dict[str, set[str]], expression: str
) -> None:
    names = re.findall(r"\bdiplotone_\w+", expression)
    assert names or "up{" in expression
    assert set(names) <= set(samples)
    labels = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", expression)
    labels += [name for group in re.findall(r"by \(([^)]*)\)", expression) for name in
               group.replace(" ", "").split(",")]  # fmt: skip
    known = OF_PROMETHEUS.union(*(samples[name] for name in names))
    assert set(labels) <= known


def test_panels_do_not_overlap_and_have_ids_of_their_own() -> None:
    cells = [
        (place["x"] + dx, place["y"] + dy)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for dx in range(place["w"])
        for dy in range(place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
