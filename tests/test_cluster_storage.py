"""Files and the claim of a run, on a disk and in an S3 store, without a cluster."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fsspec", reason="the extra cluster is not installed")
from service.cluster import claim
from service.cluster.claim import CLAIM, Claim
from service.cluster.errors import ClusterError
from service.cluster.plan import (
    NOTES,
    Options,
    begin,
    partitions_of,
    receipt_of,
    require_no_others,
    run_of,
    tidy,
)
from service.cluster.storage import Place
from tests.ray_cluster import object_store

pytestmark = pytest.mark.filterwarnings("default")  # those of the store's library


@pytest.fixture(scope="module")
def store() -> Iterator[Any]:
    with object_store("corpus") as system:
        yield system


@pytest.fixture(params=["disk", "S3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, store: Any) -> Place:  # noqa: ANN401
    """A folder that is not there yet."""
    under = str(tmp_path / "out") if request.param == "disk" else f"s3://corpus/{tmp_path.name}"
    return Place(under)


def test_files_are_whole_and_seen_at_once(place: Place, tmp_path: Path) -> None:
    assert place.names() == [] and place.read() is None and place.size() is None
    place.make()
    one = place.child("one.csv")
    assert one.create(b"first") and not one.create(b"second")
    assert (one.read(), one.size(), place.names()) == (b"first", 5, ["one.csv"])
    one.write(b"third time")
    assert (one.read(), one.size()) == (b"third time", 10)

    def fails(stream: Any) -> None:  # noqa: ANN401
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    (tmp_path / "scratch").mkdir()
    with pytest.raises(ClusterError, match=r"one\.csv cannot be written on .*: no space left"):
        one.put(fails, tmp_path / "scratch")
    assert one.read() == b"third time" and place.names() == ["one.csv"]
    with pytest.raises(ClusterError, match="names no file of .parquet"):
        place.files((".parquet",))
    assert place.files((".csv",)) == [one.address] == Place(f"{place.address}/*.c?v").files(())
    assert one.fetch(tmp_path / "scratch").read_bytes() == b"third time"
    one.remove()
    assert place.names() == [] and one.create(b"again")


def test_a_store_that_lets_nobody_in_is_a_sentence(
    store: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    store.clear_instance_cache()
    with pytest.raises(ClusterError, match="s3://corpus/in.* cannot be .*credentials"):
        Place("s3://corpus/in.csv").write(b"quote\n")
    store.clear_instance_cache()


def test_a_run_is_noted_gone_on_with_compared_and_forgotten(place: Place) -> None:
    options = Options("quote", False, "utf-8", None, False, "model", "f" * 64, 10_000, 500)
    looks = [{"source": f"in/{n}.csv", "rows": 9, "bytes": 90, "sha256": n} for n in "ab"]
    partitions = partitions_of(looks, options.chunk)
    run = run_of(partitions, options)
    require_no_others(place)
    with Claim(place.child(NOTES), "out"):
        require_no_others(place)
        assert begin(place, partitions, run, False) == (partitions, partitions)
        place.child(partitions[0].name).write(b"scored")
        partitions[0].receipt(place).write(b'{"rows": 9, "failed": 1, "bytes": 6}')
        partitions[1].receipt(place).write(b"{")
        again = partitions_of(looks[::-1], options.chunk)  # as if they had been read in this order
        assert begin(place, again, run, False) == (partitions, partitions[1:])
        assert receipt_of(place, partitions[0]) == (9, 1)
        place.child(".part-00001.half").write(b"")
        tidy(place)
        assert sorted(place.names()) == [NOTES, partitions[0].name]
        other = run_of(partitions, replace(options, by_sentence=True))
        with pytest.raises(ClusterError, match="--sentences changed from False to True since"):
            begin(place, partitions, other, False)
        assert begin(place, partitions, other, True) == (partitions, partitions)
        assert place.names() == [NOTES]
        assert sorted(place.child(NOTES).names()) == [CLAIM, "run.json"]
    place.child(NOTES).child("run.json").remove()
    place.child("thesis.txt").write(b"mine")
    with pytest.raises(ClusterError, match="holds files that are of no run"):
        require_no_others(place)


def test_a_driver_at_work_keeps_others_out(place: Place) -> None:
    first, second = Claim(place, "out"), Claim(place, "out")
    with first:
        with pytest.raises(ClusterError, match=rf"process {os.getpid()} on .* is at work in out;"):
            second.require_free()
        assert place.names() == [CLAIM]
    assert place.names() == []
    with second:
        pass


def test_a_dead_driver_of_this_machine_is_no_hindrance(place: Place) -> None:
    note = place.child(CLAIM)
    with Claim(place, "out"):
        left = json.loads(note.read() or b"")
    for dead in (left | {"pid": 2**22 + 1}, left | {"since": "1"}):  # gone; its number used anew
        assert note.create(json.dumps(dead).encode())
        with Claim(place, "out"):
            assert json.loads(note.read() or b"")["since"] == left["since"]


def test_a_driver_of_another_machine_is_watched(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "BEAT", 0.02)
    monkeypatch.setattr(claim, "PATIENCE", 2.0)
    with Claim(place, "out"), monkeypatch.context() as patch:
        patch.setattr(claim, "_machine", lambda: "another")
        with pytest.raises(ClusterError, match="is at work in out"):
            Claim(place, "out").require_free()
    monkeypatch.setattr(claim, "PATIENCE", 0.1)
    for left in (b'{"id": "x", "machine": "gone", "pid": 1, "node": "far"}', b'{"id": "ha'):
        assert place.child(CLAIM).create(left)
        with Claim(place, "out"):
            pass


def test_a_driver_that_was_displaced_stops(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "BEAT", 0.02)
    note = place.child(CLAIM)
    with Claim(place, "out") as held:
        held.check()
        before, deadline = note.read(), time.monotonic() + 30
        while note.read() == before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert json.loads(note.read() or b"")["beats"] > 0
        while not held.lost and time.monotonic() < deadline:
            note.overwrite(b'{"id": "another"}')
            time.sleep(0.01)
        with pytest.raises(ClusterError, match="Another run has taken over out"):
            held.check()
    assert note.read() == b'{"id": "another"}'
