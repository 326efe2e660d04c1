"""The order of the groups and the comparison of two of them, in words, charts and tables."""

from collections.abc import Mapping

from model.scores import SCALES, Scale
from service.report.comparison import Comparison, Estimate
from service.report.drawing import shortened
from service.report.group_charts import comparison_chart, ranking_chart
from service.report.layout import MODEL_INTERVAL, Chart, Section, Table, degree, signed, span
from service.report.means import FEWEST_ROWS, Mean, Means
from service.report.ranking import Ranking, rank


def ranking_section(shown: Mapping[str, Means], rest: Mapping[str, Means]) -> Section:
    """Return the order of the groups on both scales.

    Args:
        shown: means by group, those that are ranked.
        rest: means of the other groups together and of rows without a group.
    """
    text, charts, tables = [], [], []
    for scale in SCALES:
        ranking = rank({name: means[scale] for name, means in shown.items()})
        text.append(_noise(ranking, scale))
        caption = (
            f"Mean {scale}; hollow where a group's rows are too few, or too alike, to compare."
        )
        charts.append(Chart(ranking_chart(ranking.places, scale), caption))
        tables.append(_ranking_table(ranking, scale, rest))
    note = (
        "Possible ranks: every pair of groups is compared by Welch's t-test at 5%, adjusted for "
        "the number of pairs (Holm); a group ranks behind those that are surely higher and before "
        "those that are surely lower. The test takes rows for independent; rows of one speech or "
        "one author are not, and then the order is less sure than stated. Groups of fewer than "
        f"{FEWEST_ROWS} rows, or whose rows all have one score, are not compared."
    )
    return Section("ranking", "Groups in order", text, charts, tables, [note])


def comparison_section(
    pair: tuple[str, str], found: Mapping[Scale, Comparison], asked: bool
) -> Section:
    """Return the comparison of two groups.

    Args:
        pair: their names.
        found: by scale.
        asked: whether the person named them.
    """
    first, second = (shortened(name, 80) for name in pair)
    text = [] if asked else ["The two groups with the most rows; --compare A B names others."]
    text += [_verdict(first, second, scale, one) for scale, one in found.items()]
    head = [
        *("scale", f"mean of {first}", f"mean of {second}", "difference", "95% interval"),
        *("Cliff's delta", "95% interval", "size"),
    ]
    rows = [
        [
            *(scale, degree(one.means[0]), degree(one.means[1])),
            *(signed(one.difference.value), _ends(one.difference)),
            *(signed(one.delta.value), _ends(one.delta), one.word),
        ]
        for scale, one in found.items()
    ]
    charts = [
        Chart(comparison_chart(one, pair, scale), f"How the {scale} scores of both are spread.")
        for scale, one in found.items()
    ]
    table = Table(f"{first} and {second}", head, rows)
    return Section(
        "comparison",
        f"Two groups: {first} and {second}",
        text,
        charts,
        [table],
        [_how(first, second)],
    )


def _noise(ranking: Ranking, scale: Scale) -> str:
    pairs, differing = ranking.pairs, ranking.differing
    if not pairs:
        return f"{scale.capitalize()}: there are no two groups that could be compared."
    if not differing:
        return (
            f"{scale.capitalize()}: none of the {pairs} pairs of groups differs beyond noise. This "
            "order may be chance alone."
            if pairs > 1
            else f"{scale.capitalize()}: the two groups do not differ beyond noise."
        )
    if differing == pairs:
        each = (
            f"each of the {pairs} pairs of groups differs" if pairs > 1 else "the two groups differ"
        )
        return f"{scale.capitalize()}: {each} beyond noise."
    return (
        f"{scale.capitalize()}: {differing} of {pairs} pairs of groups differ beyond noise. Where "
        "possible ranks overlap, the groups may well stand the other way round."
    )


def _ranking_table(ranking: Ranking, scale: Scale, rest: Mapping[str, Means]) -> Table:
    head = ["group", "rows", f"mean {scale}", "95% interval", "possible ranks", MODEL_INTERVAL]
    rows = []
    for place in ranking.places:
        ranks = "not compared"
        if place.first is not None:
            ranks = f"{place.first}" + f" to {place.last}" * (place.first != place.last)
        rows.append(_mean_row(place.name, place.mean, ranks))
    rows += [_mean_row(name, means[scale], "not ranked") for name, means in rest.items()]
    return Table(f"In order of {scale}", head, rows)


def _mean_row(name: str, mean: Mean, ranks: str) -> list[str]:
    ends = span(mean.low, mean.high), span(mean.model_low, mean.model_high)
    return [shortened(name, 80), f"{mean.rows:,}", degree(mean.value), ends[0], ranks, ends[1]]


def _verdict(first: str, second: str, scale: Scale, one: Comparison) -> str:
    name = scale.capitalize()
    if one.difference.low is None:
        return (
            f"{name}: not compared, as one of the two groups has fewer than {FEWEST_ROWS} rows, or "
            "rows that all have one score."
        )
    if one.difference.noise:
        return (
            f"{name}: the interval of the difference holds 0, so these rows do not tell the two "
            "apart."
        )
    more = first if one.difference.value > 0 else second
    word = "hostile" if scale == "hostility" else "formal"
    return (
        f"{name}: the rows of {more} are the more {word} ones, by {abs(one.difference.value):.3f} "
        f"on average; the size of the effect is {one.word}."
    )


def _how(first: str, second: str) -> str:
    return (
        f"Difference: mean of {first} minus mean of {second}. Cliff's delta: how much more often a "
        f"random row of {first} scores above a random row of {second} than below it. 0: neither; "
        f"+1: always; \N{MINUS SIGN}1: never. Its size in words follows Romano et al. (2006): "
        "below 0.147 negligible, below 0.33 small, below 0.474 medium, else large. Intervals: "
        "Welch's t for the difference; for delta the variance of DeLong et al. (1988) on the logit "
        "scale. Both take rows for independent, and hold for one pair that was chosen beforehand: "
        "of many pairs some differ by chance, which the order of groups allows for and this does "
        "not. A difference that is surely not 0 may still be too small to matter."
    )


def _ends(estimate: Estimate) -> str:
    return span(estimate.low, estimate.high, with_sign=True)
