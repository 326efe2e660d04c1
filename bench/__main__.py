"""``python -m bench``: our server, the batch command and their peers, in one go on one machine."""

import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bench.batching import compare_batching
from bench.limit import network_rates, product_limit
from bench.load import run_load
from bench.record import Found, keep, show
from bench.servers import Server, other_servers, own_server, plain_server, served
from bench.usage import usage_of
from data.readers import read_corpus
from model.artifact import RELEASED, default_folder, read_artifact
from model.threads import available_processors
from training.base import find_base

CLIENTS = (1, 8, 32, 128)
SIZES = (1, 8, 32)


def main(
    seconds: Annotated[float, typer.Option(help="Length of each load.")] = 8,
    rows: Annotated[int, typer.Option(help="Rows for the batch command.")] = 20_000,
    peers: Annotated[bool, typer.Option(help="Measure other servers and scorers too.")] = True,
    write: Annotated[bool, typer.Option("--write", help="Write README tables and chart.")] = False,
) -> None:
    """Measure everything in one go on this machine and print the tables.

    Example: python -m bench --seconds 2 --rows 2000
    """
    console = Console()
    err = Console(stderr=True)
    quotes = [row.text for row in read_corpus()]
    network = _network_folder(err)
    artifact = read_artifact(default_folder())
    mean = sum(map(len, quotes)) // len(quotes)
    found: Found = {
        "machine": f"{available_processors()} processors, {_processor()}, {platform.system()}",
        "model": f"{artifact.manifest.name} {artifact.manifest.version}",
        "quotes": f"one quote a request, {mean} characters on average, load generator included",
        "servers": [
            row
            for server in _servers(network, peers, err)
            for row in _measure(server, network, quotes, seconds, err)
        ],
        "offline": _offline(network, quotes, rows, peers, err),
        "stages": _stages(quotes[:: len(quotes) // 500], err),
        "batching": [asdict(way) for way in compare_batching(artifact, quotes[::5])],
    }
    limit = product_limit(available_processors())
    rates = network_rates(artifact, quotes[::10], SIZES)
    found["shares"] = {str(size): rate / limit for size, rate in rates.items()}
    found["limit"] = limit
    show(found, console)
    if write:
        keep(found)


def _servers(network: Path, peers: bool, err: Console) -> list[Server]:
    if not peers:
        return [own_server()]
    try:
        return [own_server(), plain_server(), *other_servers(network)]
    except subprocess.CalledProcessError:
        err.print("The other peers cannot be installed here, so they are left out.")
        return [own_server(), plain_server()]


def _measure(
    server: Server, network: Path, quotes: Sequence[str], seconds: float, err: Console
) -> list[dict[str, Any]]:
    rows = []
    try:
        with served(server, network) as (port, process, ready):
            for clients in CLIENTS:
                err.print(f"{server.name}, {clients} clients")
                before = usage_of(process.pid).seconds
                load = run_load(port, quotes, clients, seconds, server.ask)
                after = usage_of(process.pid)
                # The short warm-up counts too, so its share of the requests is reckoned in.
                asked = load.per_second * (seconds + min(2.0, seconds))
                rows.append(
                    {
                        "server": server.name,
                        **asdict(load),
                        "cpu": (after.seconds - before) / asked * 1000,
                        "memory": after.megabytes,
                        "ready": ready,
                    }
                )
    except (RuntimeError, OSError) as cause:
        err.print(f"{server.name}: {cause}")
    return rows


def _offline(
    network: Path, quotes: Sequence[str], rows: int, peers: bool, err: Console
) -> list[dict[str, Any]]:
    from bench.offline import batch_command, distinct, one_batch, pipeline_over_dataset

    err.print(f"batch, {rows:,} rows")
    ways = {f"diplotone batch, {rows:,} distinct rows": batch_command(quotes, rows)}
    if peers:
        some = distinct(quotes, max(rows // 10, 1))
        err.print(f"the same weights in torch, {len(some):,} rows")
        ways["transformers, batches in file order"] = one_batch(network, some)
        ways["transformers.pipeline over a Dataset"] = pipeline_over_dataset(network, some)
    return [{"way": way, "per_second": speed} for way, speed in ways.items()]


def _stages(quotes: Sequence[str], err: Console) -> list[dict[str, Any]]:
    from bench.stages import measure_stages

    err.print("one request, stage by stage")
    return [asdict(stage) for stage in measure_stages(quotes)]


def _network_folder(err: Console) -> Path:
    """Return the released network in PyTorch form, or its base encoder, which costs the same."""
    manifest = read_artifact(default_folder()).manifest
    for run in (default_folder(), Path("runs") / f"{manifest.name}-{manifest.version}"):
        if run != RELEASED and (run / "model.safetensors").exists():
            return run.resolve()
    err.print("No run of the released network is here: the peers run its base encoder.")
    return find_base("all-MiniLM-L6-v2")[0]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), "unknown")


if __name__ == "__main__":
    typer.run(main)
