"""What was measured of the images, and how much of the gaps between cohorts goes with it: tables of an evaluation."""

from dataclasses import dataclass, field, fields

import polars as pl

_OF_MODEL = {"model": pl.String, "cohort": pl.String}
_NUMBER = {"metric": pl.String, "at": pl.String, "threshold": pl.Float64}
_PARTS = ("total", "with_measures", "rest")

TABLES: dict[str, pl.Schema] = {
    "measures": pl.Schema(
        {
            **_OF_MODEL,
            "measure": pl.String,
            "unit": pl.String,
            "images": pl.Int64,
            "missing": pl.Int64,
            **dict.fromkeys(("mean", "sd", "p01", "p05", "p25", "p50", "p75", "p95", "p99"), pl.Float64),
        }
    ),
    "balance": pl.Schema(
        {
            **_OF_MODEL,
            "reference": pl.String,
            "measure": pl.String,
            "before": pl.Float64,
            "after": pl.Float64,
            "before_spread": pl.Float64,
            "after_spread": pl.Float64,
            "reason": pl.String,
        }
    ),
    "gaps": pl.Schema(
        {
            **_OF_MODEL,
            "reference": pl.String,
            **_NUMBER,
            "measures": pl.List(pl.String),
            "value": pl.Float64,
            "reference_value": pl.Float64,
            **{f"{part}{end}": pl.Float64 for part in _PARTS for end in ("", "_low", "_high")},
            "standardised": pl.Float64,
            "matched": pl.Float64,
            "matched_share": pl.Float64,
            "subjects": pl.Float64,
            "images": pl.Int64,
            "impostor": pl.Int64,
            "impostor_of": pl.Int64,
            "reason": pl.String,
        }
    ),
    "discards": pl.Schema(
        {
            **_OF_MODEL,
            **_NUMBER,
            "measure": pl.String,
            "kind": pl.String,
            "discarded": pl.Float64,
            "limit": pl.Float64,
            "refused": pl.Float64,
            **dict.fromkeys(("value", "low", "high"), pl.Float64),
        }
    ),
}

ADDED = {("balance", "before_spread"), ("balance", "after_spread")}
"""Columns, by table, that were added without a new version: a file may lack them, and they are null then."""


@dataclass(frozen=True)
class Explanation:
    """Tables, all empty where nobody asked.

    `measures`: a row for each measure and cohort, and for all together; `model` is "" where it is of the images
    alone, `missing` of the `images` lack it, and p01 to p99 are quantiles of the others. `balance`: how far the
    mean of a measure in a cohort lies above that in the reference, in standard deviations, before and after
    weighting in all measures; of measures both of whose ends count, such as yaw, `before_spread` and `after_spread` say
    the same of the squared distance from the mean of both cohorts. `reason` says why a measure was left out, or is "".
    `gaps`: a number of a cohort less that of the reference, taken apart: `total` = `with_measures` + `rest`; `measures`
    are those that the images were made alike in, one or all together. `standardised` is the cohort's number after
    weighting, `subjects` how many it then has in effect; `matched` is what is left of the gap between matched
    comparisons, `matched_share` how many of the reference's genuine comparisons found a match. `images` of both cohorts
    have all measures, and `impostor` comparisons of `impostor_of` were drawn. `discards`: an error rate while the worst
    comparisons are discarded, a share `discarded` of them and all whose measure is beyond `limit`, which refuses a
    share `refused` of the images; `kind` is `point`, or `area`, the mean error while up to that share is discarded.
    """

    measures: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TABLES["measures"]))
    balance: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TABLES["balance"]))
    gaps: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TABLES["gaps"]))
    discards: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TABLES["discards"]))

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return any(len(table) for table in self.tables.values())

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def of(cls, rows: dict[str, list[dict]]) -> "Explanation":
        """Return tables of rows."""
        return cls(**{name: pl.DataFrame(rows.get(name, []), schema=schema) for name, schema in TABLES.items()})

    def plain(self) -> dict[str, dict[str, list]]:
        """Return what is written of it."""
        return {name: table.to_dict(as_series=False) for name, table in self.tables.items()}

    @classmethod
    def read(cls, plain: dict[str, dict[str, list]]) -> "Explanation":
        """Return what `plain` wrote.

        Raises:
            KeyError: a table or a column is missing.
        """
        return cls(**{name: _table(name, plain[name]) for name in TABLES})


def _table(name: str, columns: dict[str, list]) -> pl.DataFrame:
    rows = len(next(iter(columns.values()), []))
    all_columns = {column: [None] * rows for of, column in ADDED if of == name} | columns
    return pl.DataFrame({column: all_columns[column] for column in TABLES[name]}, schema=TABLES[name])
