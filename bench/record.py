"""What a whole run of the benchmark found: kept as JSON, shown as tables and a chart.

The tables of README.md and bench/README.md stand between two comments and are written from it,
so that no figure in them was typed by hand.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.servers import ROOT

FOUND = ROOT / "bench" / "found.json"
PICTURE = ROOT / "docs" / "pictures" / "bench.svg"
PAGES = {"short": ROOT / "README.md", "full": ROOT / "bench" / "README.md"}
_MARKED = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)

Found = dict[str, Any]
Rows = list[list[str]]


def load_rows(found: Found, clients: Sequence[int] | None = None) -> Rows:
    """Return the table of the servers, its head first."""
    head = ["server", "clients", "requests/s", "p50 ms", "p95 ms", "p99 ms", "not 200"]
    head += ["CPU s for 1,000", "memory MB", "ready s"]
    rows = [head]
    for row in found["servers"]:
        if clients is None or row["clients"] in clients:
            rows.append(
                [
                    row["server"],
                    str(row["clients"]),
                    f"{row['per_second']:.0f}",
                    *(
                        f"{row[p] * 1e3:,.0f}" if row[p] > 0.02 else f"{row[p] * 1e3:.1f}"
                        for p in ("p50", "p95", "p99")
                    ),
                    str(row["refused"]),
                    f"{row['cpu']:.1f}",
                    f"{row['memory']:,.0f}",
                    f"{row['ready']:.1f}",
                ]
            )
    return rows


def other_tables(found: Found) -> dict[str, Rows]:
    """Return the remaining tables by title, their heads first."""
    tables = {
        "A file": [["way", "rows/s"]]
        + [[row["way"], f"{row['per_second']:.0f}"] for row in found["offline"]],
        "One request, stage by stage": [["what runs", "median ms"]]
        + [[row["name"], f"{row['milliseconds']:.2f}"] for row in found["stages"]],
        "Share of the machine's int8 limit": [["padded batch", "share"]]
        + [[size, f"{share:.0%}"] for size, share in found["shares"].items()],
        "Alone or in padded batches": [["way", "quotes/s", "furthest score from alone"]]
        + [
            [row["name"], f"{row['per_second']:.0f}", f"{row['furthest']:.4f}"]
            for row in found["batching"]
        ],
    }
    return {title: rows for title, rows in tables.items() if len(rows) > 1}


def show(found: Found, console: Console) -> None:
    """Print every table."""
    for title, rows in {found["machine"]: load_rows(found), **other_tables(found)}.items():
        table = Table(*rows[0], title=title)
        for row in rows[1:]:
            table.add_row(*row)
        console.print(table)


def keep(found: Found) -> None:
    """Write the JSON, the chart, and the tables into the two pages."""
    FOUND.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draw(found, PICTURE)
    said = f"{found['machine']}; {found['model']}; {found['quotes']}.\n\n"
    text = {
        "short": said + _markdown(load_rows(found)),
        "full": said
        + _markdown(load_rows(found))
        + "".join(f"\n### {t}\n\n{_markdown(rows)}" for t, rows in other_tables(found).items()),
    }
    for kind, page in PAGES.items():
        old = page.read_text("utf-8")
        new = _MARKED.sub(lambda m, kind=kind: f"{m[1]}{text[kind]}{m[2]}", old)  # type: ignore[misc]
        page.write_text(new, encoding="utf-8")


def _markdown(rows: Rows) -> str:
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def draw(found: Found, path: Path) -> None:
    """Draw requests a second and the 99th percentile over the number of clients."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "diplotone"  # the same picture from the same figures
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    names = list(dict.fromkeys(row["server"] for row in found["servers"]))
    for name, marker in zip(names, "osD^v", strict=False):
        rows = [row for row in found["servers"] if row["server"] == name]
        clients = [row["clients"] for row in rows]
        axes[0].plot(clients, [row["per_second"] for row in rows], marker=marker, label=name)
        axes[1].plot(clients, [row["p99"] * 1e3 for row in rows], marker=marker, label=name)
    for axis, title in zip(axes, ("requests a second", "99th percentile, ms"), strict=True):
        axis.set(xscale="log", xlabel="clients at once", title=title)
        axis.set_xticks(clients, [str(count) for count in clients])
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[0].set_ylim(bottom=0)
    axes[1].set_yscale("log")
    axes[0].legend(fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
