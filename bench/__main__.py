"""``python -m bench``: our server, the batch command and their peers, in one go on one machine."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bench.batching import compare_batching
from bench.limit import network_rates, product_limit
from bench.load import run_warm, warm_up
from bench.machine import describe_machine
from bench.profile import profile_server
from bench.record import MEASURED, Found, keep, publish, show
from bench.servers import Server, other_servers, own_server, plain_server, served
from bench.usage import usage_of
from data.readers import read_corpus
from model.artifact import RELEASED, TOKENIZER, Artifact, default_folder, read_artifact
from model.encoder import TextEncoder
from model.threads import available_processors
from training.base import find_base

CLIENTS = (1, 8, 32, 128)
SIZES = (1, 2, 4, 8, 16, 32)
SHORT_TOKENS = range(28, 33)


def main(
    seconds: Annotated[float, typer.Option(help="Length of each load.")] = 8,
    rows: Annotated[int, typer.Option(help="Rows for the batch command.")] = 20_000,
    peers: Annotated[bool, typer.Option(help="Measure other servers and scorers too.")] = True,
    write: Annotated[
        bool, typer.Option("--write", help="Measure nothing; write what was into the pages.")
    ] = False,
) -> None:
    """Measure everything in one go on this machine and print the tables.

    Example: python -m bench --seconds 2 --rows 2000
    """
    if write:
        _write()
        return
    quotes = [row.text for row in read_corpus()]
    artifact = read_artifact(default_folder())
    network = _network_folder(artifact)
    found, short = _setting(artifact, quotes)
    for server in _servers(network, peers):
        loads = [(server.name, clients, quotes) for clients in CLIENTS]
        if server.name == own_server().name:
            loads.append((f"{server.name}, quotes of 30 tokens", 1, short))
        for row in _measure(server, network, loads, seconds):
            found["servers"].append(row)
        keep(found)
    for name, measure in _others(artifact, network, quotes, seconds, rows, peers).items():
        _say(f"{name} ...")
        found[name] = measure()
        keep(found)
    show(found, Console(width=max(120, Console().width)))
    _say(f"Kept in {MEASURED}; python -m bench --write puts it into the pages.")


def _say(progress: str) -> None:
    Console(stderr=True).print(progress, markup=False)


def _setting(artifact: Artifact, quotes: Sequence[str]) -> tuple[Found, list[str]]:
    """Return what is known before anything is measured, and the quotes of about 30 tokens."""
    encoder = TextEncoder.load(artifact.folder / TOKENIZER, artifact.manifest.window_tokens)
    lengths = [len(ids) for ids in encoder.encode(quotes)]
    characters, tokens = (sum(some) / len(quotes) for some in (map(len, quotes), lengths))
    found: Found = {
        "machine": describe_machine(),
        "model": f"{artifact.manifest.name} {artifact.manifest.version}",
        "quotes": f"one quote a request, {characters:.0f} characters and {tokens:.0f} tokens on "
        "average; load generator on the same processors",
        "servers": [],
    }
    return found, [q for q, n in zip(quotes, lengths, strict=True) if n in SHORT_TOKENS]


def _write() -> None:
    try:
        publish()
    except ValueError as error:
        _say(str(error))
        raise typer.Exit(2) from None


def _servers(network: Path, peers: bool) -> list[Server]:
    if not peers:
        return [own_server()]
    try:
        return [own_server(), plain_server(), *other_servers(network)]
    except subprocess.CalledProcessError:
        _say("The other peers cannot be installed here, so they are left out.")
        return [own_server(), plain_server()]


def _measure(
    server: Server, network: Path, loads: Sequence[tuple[str, int, Sequence[str]]], seconds: float
) -> list[dict[str, Any]]:
    """Start a server and load it one way after the other; what fails ends its rows."""
    rows: list[dict[str, Any]] = []
    try:
        with served(server, network) as (port, process, ready):
            for name, clients, quotes in loads:
                _say(f"{name}, clients: {clients} ...")
                warm_up(port, quotes, clients, seconds, server.ask)
                before = usage_of(process.pid).seconds
                load = run_warm(port, quotes, clients, seconds, server.ask)
                after = usage_of(process.pid)
                cpu = (after.seconds - before) / load.answered * 1000
                usage = {"cpu": cpu, "memory": after.megabytes, "ready": ready}
                rows.append({"server": name, **asdict(load), **usage})
    except (RuntimeError, OSError, EOFError) as cause:
        _say(f"{server.name}: {cause}")
    return rows


def _others(
    artifact: Artifact,
    network: Path,
    quotes: Sequence[str],
    seconds: float,
    rows: int,
    peers: bool,
) -> dict[str, Callable[[], Any]]:
    """Return what else is measured, by its name in what is kept."""

    def shares() -> dict[str, float]:
        limit = product_limit(available_processors())
        rates = network_rates(artifact, quotes[::10], SIZES)
        return {way: rate / limit for way, rate in rates.items()}

    return {
        "offline": lambda: _offline(network, quotes, rows, peers),
        "stages": lambda: _stages(quotes[:: len(quotes) // 500]),
        "profile": lambda: _profile(quotes, seconds) if peers else {},
        "shares": shares,
        "batching": lambda: [asdict(way) for way in compare_batching(artifact, quotes[::5])],
    }


def _offline(network: Path, quotes: Sequence[str], rows: int, peers: bool) -> list[dict[str, Any]]:
    from bench.offline import batch_command, distinct, one_batch, pipeline_over_dataset

    ways = {f"diplotone batch, {rows:,} distinct rows": batch_command(quotes, rows)}
    if peers:
        some = distinct(quotes, max(rows // 20, 1))
        ways[f"one batch after the other, as Detoxify is used, {len(some):,} rows"] = one_batch(
            network, some
        )
        ways[f"transformers.pipeline over a Dataset, {len(some):,} rows"] = pipeline_over_dataset(
            network, some
        )
    return [{"way": way, "per_second": speed} for way, speed in ways.items()]


def _stages(quotes: Sequence[str]) -> list[dict[str, Any]]:
    from bench.stages import measure_stages

    return [asdict(stage) for stage in measure_stages(quotes)]


def _profile(quotes: Sequence[str], seconds: float) -> dict[str, Any]:
    try:
        return dict(profile_server(quotes, seconds))
    except (subprocess.CalledProcessError, RuntimeError, OSError, EOFError):
        _say("The profile is left out: py-spy cannot be installed or used here.")
        return {}


def _network_folder(artifact: Artifact) -> Path:
    """Return the network in PyTorch form, or its base encoder, which costs the same."""
    manifest = artifact.manifest
    for run in (artifact.folder, Path("runs") / f"{manifest.name}-{manifest.version}"):
        if run != RELEASED and (run / "model.safetensors").exists():
            return run.resolve()
    _say("No run of the released network is here: the peers run its base encoder.")
    return find_base("all-MiniLM-L6-v2")[0]


if __name__ == "__main__":
    typer.run(main)
