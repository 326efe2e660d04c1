"""The artifact is loaded strictly: what is missing, altered or foreign stops the start."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from model.artifact import FILES, MANIFEST, NETWORK, TOKENIZER, file_sha256, read_artifact
from model.errors import ArtifactError
from model.scorer import ToneScorer

ROOT = Path(__file__).parent.parent


@pytest.fixture
def copy(artifact: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in (*FILES, MANIFEST):
        shutil.copyfile(artifact / name, folder / name)
    return folder


def _edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def _resign(folder: Path, name: str) -> None:
    _edit(folder, lambda m: m["files"].update({name: file_sha256(folder / name)}))


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ArtifactError, match=name):
        read_artifact(copy)


@pytest.mark.parametrize("name", FILES)
def test_an_altered_file_is_named(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ArtifactError, match=f"{name} was altered"):
        read_artifact(copy)


def test_a_truncated_network_is_named(copy: Path) -> None:
    content = (copy / NETWORK).read_bytes()
    (copy / NETWORK).write_bytes(content[: len(content) // 2])
    with pytest.raises(ArtifactError, match=f"{NETWORK} was altered"):
        ToneScorer.load(copy)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda m: m.update(layout=3), "layout 3"),
        (lambda m: m.update(layout=1), "layout 2 has a familiarity"),
        (lambda m: m.pop("familiarity"), "layout 2 has a familiarity"),
        (lambda m: m.pop("layout"), "layout None"),
        (lambda m: m.update(version="one"), "field version"),
        (lambda m: m.update(surprise=1), "field surprise"),
        (lambda m: m.pop("calibration"), "field calibration"),
        (lambda m: m["calibration"]["bands"].pop("formality"), "bands of formality"),
        (lambda m: m["calibration"]["bands"]["hostility"].pop(), "bands of hostility"),
        (lambda m: m["files"].pop(NETWORK), NETWORK),
        (lambda m: m["files"].update({"../x": "0"}), "../x"),
    ],
)
def test_a_manifest_of_another_form_is_refused(
    copy: Path, change: Callable[[dict[str, Any]], object], expected: str
) -> None:
    _edit(copy, change)
    with pytest.raises(ArtifactError, match=expected):
        read_artifact(copy)


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_a_manifest_that_is_no_object_is_refused(copy: Path, content: str) -> None:
    (copy / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(ArtifactError, match=MANIFEST):
        read_artifact(copy)


@pytest.mark.parametrize("name", [NETWORK, TOKENIZER])
def test_a_signed_file_that_is_garbage_is_refused(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"garbage")
    _resign(copy, name)
    with pytest.raises(ArtifactError, match=name):
        ToneScorer.load(copy)


def _three_logits(network: onnx.ModelProto) -> None:
    head = next(n for n in network.graph.node if "logits" in n.output)
    head.output[0] = "two"
    network.graph.node.append(onnx.helper.make_node("Concat", ["two", "two"], ["logits"], axis=1))
    network.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 4


def _other_input(network: onnx.ModelProto) -> None:
    kind = onnx.helper.make_tensor_value_info("surprise", onnx.TensorProto.INT64, ["texts"])
    network.graph.input.append(kind)


@pytest.mark.parametrize("change", [_three_logits, _other_input])
def test_a_network_of_the_wrong_shape_is_refused(
    copy: Path, change: Callable[[onnx.ModelProto], None]
) -> None:
    network = onnx.load(copy / NETWORK)
    change(network)
    onnx.save(network, copy / NETWORK)
    _resign(copy, NETWORK)
    with pytest.raises(ArtifactError, match="wrong shape"):
        ToneScorer.load(copy)


def test_the_artifact_hash_covers_every_file(copy: Path) -> None:
    before = read_artifact(copy).sha256
    (copy / "README.md").write_text("another card", encoding="utf-8")
    _resign(copy, "README.md")
    assert read_artifact(copy).sha256 != before


def test_the_variable_names_the_folder(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPLOTONE_ARTIFACT", str(copy))
    assert ToneScorer.load().artifact.folder == copy


def test_the_runtime_sends_no_telemetry() -> None:
    # In a process of its own: the runtime reads the variable when it is loaded.
    code = "import os, model.runtime; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    env = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1"
