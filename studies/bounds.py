"""What the study holds facegap to."""

import polars as pl

from studies import ours

LOWEST, HIGHEST = 0.93, 0.97
"""Coverage that a 95 % interval is held to."""

HUBS_LOWEST = 0.90
"""Coverage that it is held to where a few subjects attract most false matches."""

REJECT_LOWEST, REJECT_HIGHEST = 0.03, 0.07
"""Share of draws in which a test at the 5 % level may find a difference that is not there."""

ROUNDING = 0.0051
"""How far a share may lie from that of another run: on another machine a few draws of a thousand fall otherwise."""

JUDGED_THRESHOLD = "best-f1"
"""Of the thresholds chosen on the data, the one whose interval is judged; the others are shown."""


def judged(found: pl.DataFrame) -> pl.DataFrame:
    """Return facegap's own rows that are held to the bounds."""
    shown_only = (pl.col("metric") == "threshold") & (pl.col("at") != JUDGED_THRESHOLD)
    return found.filter((pl.col("method") == ours.METHOD) & ~shown_only)


def uncovered(found: pl.DataFrame) -> pl.DataFrame:
    """Return the judged rows whose coverage is out of bounds; with hubs only too little counts."""
    cover = pl.col("cover")
    hubs = pl.col("population").str.starts_with("hubs")
    return judged(found).filter(pl.when(hubs).then(cover < HUBS_LOWEST).otherwise(~cover.is_between(LOWEST, HIGHEST)))


def misleading(found: pl.DataFrame) -> pl.DataFrame:
    """Return the judged tests that find a difference too often, or too rarely, where there is none."""
    tests = judged(found).filter((pl.col("contrast") == "null") & pl.col("rejects").is_not_null())
    return tests.filter(~pl.col("rejects").is_between(REJECT_LOWEST, REJECT_HIGHEST))


def moved(found: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    """Return the judged rows of a study in which another run of it found something else, or nothing."""
    key, seen = ["population", "contrast", "kind", "label"], ["cover", "rejects"]
    both = judged(found).join(judged(written).select(*key, *seen), on=key, how="left", suffix="_written")
    apart = [~((pl.col(one) - pl.col(f"{one}_written")).abs() <= ROUNDING) for one in seen]
    tested = pl.col("rejects").is_not_null() | pl.col("rejects_written").is_not_null()
    return both.filter(apart[0].fill_null(True) | (tested & apart[1].fill_null(True)))


def power(found: pl.DataFrame) -> pl.DataFrame:
    """Return, per population and quantity, how often two unequal models are told apart `paired` and `unpaired`."""
    tests = found.filter((pl.col("contrast") == "difference") & (pl.col("kind") == "models"))
    key = ["population", "label"]
    paired, unpaired = (
        tests.filter(pl.col("method") == method).select(*key, pl.col("rejects").alias(name))
        for method, name in ((ours.METHOD, "paired"), (ours.UNPAIRED, "unpaired"))
    )
    return paired.join(unpaired, on=key, maintain_order="left")
