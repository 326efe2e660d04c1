"""What `batch --engine ray` refuses before it starts a cluster, with a sentence for each."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from service.cluster import command
from service.cluster.errors import ClusterError
from tests.scored_files import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file.csv").write_text("quote\nWe regret this.\n")
    return tmp_path


@pytest.mark.filterwarnings("default")  # Ray's own
@pytest.mark.skipif(find_spec("ray") is None, reason="the extra cluster is not installed")
@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("memory://corpus", "out", "workers do not share this memory"),
        ("nothing.csv", "out", "names no file of .csv"),
        ("nowhere://corpus", "out", "is no address that can be used"),
        ("in", "in/out", "lies inside the input folder"),
        (".", ".", "lies in the output folder"),
    ],
)
def test_ends_that_do_not_do_are_refused_before_ray_starts(
    folder: Path, artifact: Path, source: str, target: str, said: str
) -> None:
    args = ("--engine", "ray", "--artifact", str(artifact))
    done = run(folder, "batch", source, "-o", target, *args)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


@pytest.mark.parametrize(("text", "found"), [("3", (3, 3)), ("1:4", (1, 4))])
def test_workers_are_two_numbers_or_one(text: str, found: tuple[int, int]) -> None:
    assert command.bounds_of(text) == found


@pytest.mark.parametrize("text", ["", "0", "4:1", "two", "1:2:3", "-1:2"])
def test_other_workers_are_refused(text: str) -> None:
    with pytest.raises(ClusterError, match="--workers is MIN:MAX"):
        command.bounds_of(text)


def test_a_ray_client_is_refused(folder: Path) -> None:
    args = ("--engine", "ray", "--address", "ray://127.0.0.1:10001")
    done = run(folder, "batch", "in", "-o", "out", *args)
    assert done.exit_code == 2
    assert "give the command on a machine of the cluster" in " ".join(done.output.split())
    assert not (folder / "out").exists()


def test_without_the_extra_it_says_how_to_get_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "LIBRARIES", ("fsspec", "no_such_ray"))
    done = run(folder, "batch", "in", "-o", "out", "--engine", "ray")
    assert done.exit_code == 2
    assert "needs no_such_ray, which is not" in done.output
    assert "pip install '.[cluster]'" in " ".join(done.output.split())
