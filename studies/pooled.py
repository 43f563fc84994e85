"""The study in one table: means over the quantities and populations of a group."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from studies.bounds import HUBS, NOTHING, judged
from studies.reading import LEVEL, OTHER_LEVELS

GROUPS = {
    "a": "a: populations that rules were chosen on",
    "b": "b: populations that no rule was chosen on",
    "c": "c: real embeddings",
    "d": "d: many cohorts",
    "e": "e: other ways",
}
COLUMNS = ("a", "a, hubs", "b", "b, hubs", "c", "e")


@dataclass(frozen=True)
class Line:
    """One line of the table: what is counted of which rows. `share`: `cover` or `rejects`."""

    words: str
    kind: str
    null: bool | None
    share: str = "cover"
    level: float = LEVEL


LINES = (
    Line("coverage, one model", "single", None),
    *(Line(f"coverage at {level:.0%}, one model", "single", None, level=level) for level in OTHER_LEVELS),
    Line("coverage, two equal models", "models", True),
    Line("coverage, two models that differ", "models", False),
    Line("coverage, two cohorts that are alike", "cohorts", True),
    Line("coverage, two cohorts that differ", "cohorts", False),
    Line("coverage, gap of two models that have the same", "gaps", True),
    Line("coverage, gap of two models that differ", "gaps", False),
    Line("found where nothing is, models", "models", True, "rejects"),
    Line("found where nothing is, cohorts", "cohorts", True, "rejects"),
    Line("found where nothing is, gaps", "gaps", True, "rejects"),
    Line("found where something is, models", "models", False, "rejects"),
    Line("found where something is, cohorts", "cohorts", False, "rejects"),
)


def column(group: str, population: str) -> str:
    """Return the column of a population."""
    return f"{group}, hubs" if population in HUBS else group


def null_rows() -> pl.Expr:
    """Select the rows about a difference that is not there."""
    neutral = pl.when(pl.col("scale") == "ratio").then(1.0).otherwise(0.0)
    return (pl.col("truth") - neutral).abs() < NOTHING


def pooled(found: pl.DataFrame) -> Iterator[tuple[Line, dict[str, tuple[float, float]]]]:
    """Yield each line with, by column, the mean share and its standard error.

    The error takes the quantities of one draw to be wholly dependent: it is the largest it can be.
    """
    own = judged(found).with_columns(
        column=pl.struct("group", "population").map_elements(
            lambda one: column(one["group"], one["population"]), pl.String
        )
    )
    for line in LINES:
        rows = own.filter((pl.col("kind") == line.kind) & (pl.col("level") == line.level))
        if line.null is not None:
            rows = rows.filter(null_rows() == line.null)
        share = pl.col(line.share)
        of_population = rows.group_by("column", "population", maintain_order=True).agg(
            share.mean(), variance=(share * (1 - share)).mean() / pl.col("draws").first()
        )
        of_column = of_population.group_by("column", maintain_order=True).agg(
            share.mean(), error=pl.col("variance").sum().sqrt() / pl.len()
        )
        if of_column.height:
            yield line, {name: (mean, error) for name, mean, error in of_column.rows()}
