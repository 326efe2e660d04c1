"""What a run of the benchmark found: kept as JSON, shown as tables and a chart.

The tables of README.md and bench/README.md stand between two comments and are written from it,
so that no figure in them was typed by hand.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.profile import profile_rows
from bench.servers import ROOT

MEASURED = ROOT / "bench" / "out" / "found.json"
"""What the last run found, short ones too; git ignores it."""
KEPT = Path("docs") / "pictures" / "bench.json"
CHART = Path("docs") / "pictures" / "bench"
PAGES = {"short": Path("README.md"), "full": Path("bench") / "README.md"}
_BEGIN, _END = "<!-- bench -->\n", "<!-- /bench -->"
_SHORT = (0, 1, 2, 3, 5, 7, 8, 9)
"""Columns of the servers' table that README.md shows."""

Found = dict[str, Any]
Rows = list[list[str]]


def load_rows(found: Found) -> Rows:
    """Return the table of the servers, its head first."""
    head = ["server", "clients", "requests/s", "p50 ms", "p95 ms", "p99 ms", "not 200"]
    rows = [[*head, "CPU s for 1,000", "memory MB", "ready s"]]
    for row in found.get("servers", ()):
        times = (_milliseconds(row[name]) for name in ("p50", "p95", "p99"))
        cells = [row["server"], str(row["clients"]), f"{row['per_second']:.0f}", *times]
        cells += [str(row["refused"]), f"{row['cpu']:.1f}", f"{row['memory']:,.0f}"]
        rows.append([*cells, f"{row['ready']:.1f}"])
    return rows


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f}" if seconds > 0.02 else f"{seconds * 1e3:.1f}"


def file_rows(found: Found) -> Rows:
    """Return the table of the ways to score a file, its head first."""
    rows = [[row["way"], f"{row['per_second']:.0f}"] for row in found.get("offline", ())]
    return [["a file", "rows/s"], *rows]


def other_tables(found: Found) -> dict[str, Rows]:
    """Return the remaining tables by title, their heads first; those without rows left out."""
    stages = [[row["name"], f"{row['milliseconds']:.2f}"] for row in found.get("stages", ())]
    shares = [[size, f"{share:.0%}"] for size, share in found.get("shares", {}).items()]
    ways = [
        [row["name"], f"{row['per_second']:.0f}", f"{row['furthest']:.4f}"]
        for row in found.get("batching", ())
    ]
    tables = {
        "A file": file_rows(found),
        "One request, stage by stage": [["what runs", "median ms"], *stages],
        "Where the time of the running server goes": profile_rows(found.get("profile", {})),
        "Share of the machine's int8 limit that one session reaches": [
            ["quotes of real lengths", "share"],
            *shares,
        ],
        "Alone or in padded batches": [["way", "quotes/s", "furthest score from alone"], *ways],
    }
    return {title: rows for title, rows in tables.items() if len(rows) > 1}


def show(found: Found, console: Console) -> None:
    """Print every table, and on what it was measured."""
    for title, rows in {"Servers": load_rows(found), **other_tables(found)}.items():
        table = Table(*rows[0], title=title)
        for row in rows[1:]:
            table.add_row(*row)
        console.print(table)
    console.print(_said(found), markup=False, highlight=False)


def keep(found: Found, path: Path = MEASURED) -> None:
    """Write down what was found so far, so that a run cut short has not been for nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def publish(measured: Path = MEASURED, root: Path = ROOT) -> None:
    """Write what was measured into the pages, as JSON beside the pictures and as a chart.

    Args:
        measured: what ``keep`` wrote.
        root: of the repository.

    Raises:
        ValueError: nothing was measured, or a page has no place for the tables; says where.
    """
    if not measured.exists():
        raise ValueError(f"There is no {measured}; run python -m bench first.")
    found = json.loads(measured.read_text("utf-8"))
    rows = load_rows(found)
    short = [[row[i] for i in _SHORT] for row in rows]
    others = "".join(f"\n### {title}\n\n{_table(r)}" for title, r in other_tables(found).items())
    texts = {
        "short": f"{_table(short)}\n{_table(file_rows(found))}\n{_said(found)}\n",
        "full": f"{_said(found)}\n\n{_table(rows)}{others}",
    }
    filled = {root / page: _filled(root / page, texts[kind]) for kind, page in PAGES.items()}
    keep(found, root / KEPT)
    draw(found, root / CHART)
    for path, content in filled.items():
        path.write_text(content, encoding="utf-8")


def _filled(path: Path, text: str) -> str:
    """Return a page with other text between its marks."""
    head, begin, rest = path.read_text("utf-8").partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{path} has no lines {_BEGIN.strip()} and {_END}; put them in.")
    return f"{head}{begin}{text}{end}{tail}"


def _said(found: Found) -> str:
    return f"Measured on {found['machine']}; {found['model']}; {found['quotes']}."


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def draw(found: Found, path: Path) -> None:
    """Draw requests a second and the 99th percentile over the number of clients, as SVG and PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "diplotone"  # the same picture from the same figures
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for name, marker in zip(_compared(found), "osD^v", strict=False):
        rows = [row for row in found["servers"] if row["server"] == name]
        clients = [row["clients"] for row in rows]
        axes[0].plot(clients, [row["per_second"] for row in rows], marker=marker, label=name)
        axes[1].plot(clients, [row["p99"] * 1e3 for row in rows], marker=marker, label=name)
        for axis in axes:
            axis.set(xscale="log", xlabel="clients at once")
            axis.set_xticks(clients, [str(count) for count in clients])
    for axis, title in zip(axes, ("requests a second", "99th percentile, ms"), strict=True):
        axis.set_title(title)
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[0].set_ylim(bottom=0)
    axes[1].set_yscale("log")
    axes[0].legend(fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(path.with_suffix(".png"), dpi=150)
    plt.close(figure)


def _compared(found: Found) -> list[str]:
    """Return the servers that were measured with more than one number of clients."""
    names = [row["server"] for row in found.get("servers", ())]
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]
