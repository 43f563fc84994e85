"""What the study holds facegap to: written down before it runs."""

from collections.abc import Iterator

import polars as pl
from scipy.stats import binom

from studies import ours
from studies.populations import POPULATIONS
from studies.reading import LEVEL
from studies.reasons import reason

COVERAGE = {0.9: (0.87, 0.93), 0.95: (0.93, 0.97), 0.99: (0.98, 1.0)}
"""Coverage that an interval of each level is held to."""

HUBS_COVERAGE = {0.9: (0.83, 0.97), 0.95: (0.90, 0.99), 0.99: (0.96, 1.0)}
"""Coverage that it is held to where a few subjects attract most false matches."""

SIZE = (0.03, 0.07)
"""Share of draws in which a test at the 5 % level may find a difference that is not there."""

ANY_CLAIM = 0.05
"""Share of studies of many cohorts that may claim anything, after Holm, where all cohorts are alike."""

POWER = (0.7, 0.9)
"""Share of the studies of a planned size that find the gap: 80 % are promised."""

CHANCE = 0.025
"""Beyond the bounds with a smaller probability than this is no chance."""

NOTHING = 1e-9
"""A true difference below this is rounding."""

HUBS = frozenset(name for name, one in POPULATIONS.items() if one.nature.pull is not None)

KINDS = {
    "single": "one model",
    "models": "two models, a − b",
    "cohorts": "two cohorts, x − y",
    "gaps": "gap of a − gap of b",
    "holm": "any claim after Holm",
    "raw": "tests before Holm",
    "plan": "a planned study finds the gap",
}
OUTSIDE = pl.Schema(
    {
        "group": pl.String,
        "population": pl.String,
        "what": pl.String,
        "quantity": pl.String,
        "share": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "chance": pl.Float64,
        "clear": pl.Boolean,
        "safe": pl.Boolean,
        "reason": pl.String,
    }
)
"""`what`: `coverage`, `size`, `claims` or `power`. `chance`: how probable a share so far out is, by the draws
that it is of, if the true one is the bound. `clear`: whether that is below `CHANCE`. `safe`: intervals hold the truth,
tests find nothing, or planned studies find their gap, more often than they need to."""


def judged(found: pl.DataFrame) -> pl.DataFrame:
    """Return facegap's own rows."""
    return found.filter(pl.col("method") == ours.METHOD)


def is_null(row: dict) -> bool:
    """Return whether a row is about a difference that is not there."""
    neutral = 1.0 if row["scale"] == "ratio" else 0.0
    return row["kind"] != "single" and row["truth"] is not None and abs(row["truth"] - neutral) < NOTHING


def named(row: dict) -> str:
    """Return what a row is about, in words."""
    differ = "" if row["kind"] in ("single", "holm", "raw", "plan") or is_null(row) else ", that differ"
    level = "" if row["level"] == LEVEL else f", at {row['level']:.0%}"
    return f"{KINDS[row['kind']]}{differ}, {row['label']}{level}"


def bounds_of(row: dict) -> Iterator[tuple[str, float, float, float]]:
    """Yield what is judged of a row, its share, and the lowest and highest share that are in bounds."""
    real = row["group"] == "c"
    if row["kind"] == "holm":
        yield "claims", row["rejects"], 0.0, ANY_CLAIM
    elif row["kind"] == "plan":
        yield "power", row["rejects"], *POWER
    elif row["kind"] != "raw":
        low, high = (HUBS_COVERAGE if row["population"] in HUBS else COVERAGE)[row["level"]]
        # On real faces a test may be conservative, and its interval then covers more.
        if row["cover"] is not None:
            yield "coverage", row["cover"], low, 1.0 if real and is_null(row) else high
        if is_null(row):
            yield "size", row["rejects"], 0.0 if real else SIZE[0], SIZE[1]


def outside(found: pl.DataFrame) -> pl.DataFrame:
    """Return every judged cell that is out of bounds, with the reason that a person gave, or ""; see `OUTSIDE`."""
    rows = []
    for row in judged(found).iter_rows(named=True):
        for what, share, low, high in bounds_of(row):
            if low <= share <= high:
                continue
            draws = round(row["draws"] * (1 - row["none"])) if what == "coverage" else row["draws"]
            told = {"group": row["group"], "population": row["population"], "what": what, "quantity": named(row)}
            measured = {"share": share, "low": low, "high": high, "chance": _chance(share, draws, low, high)}
            safe = (share > high) == (what in ("coverage", "power"))
            why = {"safe": safe, "reason": reason(row["population"], named(row), safe=safe)}
            rows.append({**told, **measured, "clear": measured["chance"] < CHANCE, **why})
    return pl.DataFrame(rows, schema=OUTSIDE)


def _chance(share: float, draws: int, low: float, high: float) -> float:
    """Return the probability of a share so far out of bounds, or further, where the true share is the nearer bound."""
    count = round(share * draws)
    return float(binom.cdf(count, draws, low) if share < low else binom.sf(count - 1, draws, high))


def unexplained(found: pl.DataFrame) -> pl.DataFrame:
    """Return the cells that are clearly out of bounds for no reason that a person gave."""
    return outside(found).filter(pl.col("clear") & (pl.col("reason") == ""))


def power(found: pl.DataFrame) -> pl.DataFrame:
    """Return, per population and quantity, how often two unequal models are told apart `paired` and `unpaired`."""
    tests = found.filter((pl.col("contrast") == "difference") & (pl.col("kind") == "models"))
    key = ["population", "label"]
    paired, unpaired = (
        tests.filter(pl.col("method") == method).select(*key, pl.col("rejects").alias(name))
        for method, name in ((ours.METHOD, "paired"), (ours.UNPAIRED, "unpaired"))
    )
    return paired.join(unpaired, on=key, maintain_order="left")
