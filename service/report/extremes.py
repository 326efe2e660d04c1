"""The most hostile and the most formal quotes of each group."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from model.levels import level_of
from model.scores import SCALES, Scale
from service.report.drawing import shortened
from service.report.sample import LONGEST_TEXT

SHOWN = 5
"""Quotes of each group and scale."""
_LOOKED_AT = 500  # rows with the highest scores, among which the same words may stand often


@dataclass(frozen=True, slots=True)
class Extreme:
    """One quote.

    Attributes:
        text: its words, shortened where they are many, without characters that are no text.
        score: 0 to 1.
        low: lower end of its own interval; None where the file has none.
        high: upper end.
        level: name of its level.
        date: when it was said; None where that is not known.
        times: how often the same words stand among the rows looked at.
    """

    text: str
    score: float
    low: float | None
    high: float | None
    level: str
    date: date | None
    times: int


def extremes_of(
    scored: pl.LazyFrame, groups: Mapping[str, pl.Expr], dated: bool
) -> dict[str, dict[Scale, list[Extreme]]]:
    """Return the quotes with the highest scores of each group and scale, each wording once.

    The texts are read once, when it is known which; they are most of a file.

    Args:
        scored: scored rows with their texts.
        groups: by name, which rows belong to it.
        dated: whether rows have dates.
    """
    highest = {
        name: {scale: _highest(scored.filter(own), scale, dated) for scale in SCALES}
        for name, own in groups.items()
    }
    rows = pl.concat(found["row"] for by_scale in highest.values() for found in by_scale.values())
    texts = (
        scored.filter(pl.col("row").is_in(rows.unique().implode()))
        .select("row", "text")
        .drop_nulls()
        .collect(engine="streaming")
    )
    return {
        name: {scale: _quotes(found, texts, scale) for scale, found in by_scale.items()}
        for name, by_scale in highest.items()
    }


def _highest(rows: pl.LazyFrame, scale: Scale, dated: bool) -> pl.DataFrame:
    columns = [scale, f"{scale}_low", f"{scale}_high", "row", *(["date"] if dated else [])]
    # The earlier of two rows with one score comes first, so that the page is always the same.
    order = [pl.col(scale), -pl.col("row").cast(pl.Int64)]
    return rows.select(columns).top_k(_LOOKED_AT, by=order).collect(engine="streaming")


def _quotes(highest: pl.DataFrame, texts: pl.DataFrame, scale: Scale) -> list[Extreme]:
    once = (
        highest.join(texts, on="row")
        .sort([scale, "row"], descending=[True, False])
        .group_by("text", maintain_order=True)
        .agg(pl.len().alias("times"), pl.exclude("text").first())
    )
    return [
        Extreme(
            text=shortened(row["text"], LONGEST_TEXT),
            score=row[scale],
            low=row[f"{scale}_low"],
            high=row[f"{scale}_high"],
            level=level_of(scale, row[scale]),
            date=row.get("date"),
            times=row["times"],
        )
        for row in once.head(SHOWN).to_dicts()
    ]
