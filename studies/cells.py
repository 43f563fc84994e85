"""The page of the study: every number in a table, and how other methods do."""

from collections.abc import Iterator

import polars as pl

from studies import bounds, ours
from studies.bounds import judged
from studies.markdown import bracketed, header, key_of, looked_up, share_text, table_row, with_names
from studies.pooled import COLUMNS, GROUPS, column, null_rows
from studies.reading import LEVEL, OTHER_LEVELS


def others(found: pl.DataFrame) -> Iterator[str]:
    """Yield how the other methods do on the draws that they see."""
    seen = of_others(found)
    if not seen.height:
        return
    yield "\n## What other methods do\n\n![How often each interval held the truth](coverage.png)\n"
    yield f"They saw the first {seen['draws'].max():,} draws of each population. Coverage in percent, the mean over"
    yield "populations and, in brackets, the lowest. *DeLong* and *Wilson* take comparisons for independent,"
    yield "*bootstrap, images* takes images for independent; *bootstrap, subjects* draws subjects and computes every"
    yield "statistic anew (200 replicates, percentiles). *cimat* is the package cimat 0.1.2, whose formulas are"
    yield "computed here in array form and give its numbers digit for digit: Wilson with its plug-in variance for FMR"
    yield "and FNMR, its double-or-nothing bootstrap (200 replicates) for AUC and TAR.\n"
    there = seen.select("group", "population").unique(maintain_order=True).rows()
    columns = {name: [p for g, p in there if column(g, p) == name] for name in COLUMNS}
    columns = {name: populations for name, populations in columns.items() if populations}
    compared = found.filter((pl.col("contrast") == "null") & pl.col("kind").is_in(["single", "models"]))
    compared = compared.filter((pl.col("method") != ours.UNPAIRED) & (pl.col("level") == LEVEL))
    yield from _compared(compared, columns, "cover")
    yield "\nHow often they find a difference that is not there. *facegap, unpaired* takes the two models' own"
    yield f"intervals as if they came from different people; it finds one that is there {_unpaired(found)}.\n"
    tests = found.filter((pl.col("contrast") == "null") & (pl.col("kind") == "models"))
    yield from _compared(tests, columns, "rejects")


def of_others(found: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the other methods."""
    return found.filter(~pl.col("method").str.starts_with(ours.METHOD))


def _unpaired(found: pl.DataFrame) -> str:
    """Return how often the two tests of facegap find a difference of two models that is there."""
    there = found.filter(~null_rows() & (pl.col("kind") == "models") & (pl.col("contrast") == "difference"))
    shares = [there.filter(pl.col("method") == method)["rejects"].mean() for method in (ours.UNPAIRED, ours.METHOD)]
    return f"in {share_text(shares[0])} % of the draws, the paired test in {share_text(shares[1])} %"


def _compared(found: pl.DataFrame, columns: dict[str, list[str]], name: str) -> Iterator[str]:
    """Yield a table of methods: the mean over the populations of each column, and the lowest, or highest of tests."""
    yield from header(["", "method", *columns], left=2)
    for (quantity,), rows in with_names(found).group_by("quantity", maintain_order=True):
        methods = rows["method"].unique(maintain_order=True).to_list()
        for method in methods if len(methods) > 1 else ():
            numbers = []
            for populations in columns.values():
                shares = rows.filter((pl.col("method") == method) & pl.col("population").is_in(populations))[name]
                worst = shares.min() if name == "cover" else shares.max()
                numbers.append(f"{share_text(shares.mean())} ({share_text(worst)})" if len(shares) else "")
            yield table_row([quantity, method, *numbers])


def cells(found: pl.DataFrame, before: pl.DataFrame) -> Iterator[str]:
    """Yield a table for each group and kind of question: a population a row, a quantity a column."""
    own = judged(found).filter(~pl.col("kind").is_in(["holm", "raw", "plan"]))
    covered, rejected = looked_up(before, "cover"), looked_up(before, "rejects")
    for (group,), rows in own.group_by("group", maintain_order=True):
        yield f"\n## Every cell of {GROUPS[str(group)]}\n"
        yield f"Draws: {_draws(rows)}."
        for level in (LEVEL, *OTHER_LEVELS):
            for (title,), some in _titled(rows.filter(pl.col("level") == level)).group_by("title", maintain_order=True):
                where = "" if level == LEVEL else f" at {level:.0%}"
                yield f"\nCoverage{where}, {title}:\n"
                yield from _table(some, "cover", covered)
        tests = _titled(rows.filter((pl.col("kind") != "single") & (pl.col("level") == LEVEL)))
        for (title,), some in tests.group_by("title", maintain_order=True):
            yield f"\nFound, {title}:\n"
            yield from _table(some, "rejects", rejected)


def _titled(rows: pl.DataFrame) -> pl.DataFrame:
    words = pl.col("kind").replace_strict(bounds.KINDS, return_dtype=pl.String)
    differ = pl.when((pl.col("kind") != "single") & ~null_rows()).then(pl.lit(", that differ")).otherwise(pl.lit(""))
    return rows.with_columns(title=words + differ)


def _table(rows: pl.DataFrame, name: str, old: dict) -> Iterator[str]:
    labels = rows["label"].unique(maintain_order=True).to_list()
    yield from header(["", *labels], left=1)
    for (population,), cells in rows.group_by("population", maintain_order=True):
        by_label = {row["label"]: row for row in cells.iter_rows(named=True)}
        numbers = []
        for label in labels:
            row = by_label.get(label)
            numbers.append("" if row is None else share_text(row[name]) + bracketed(old.get(key_of(row))))
        yield table_row([population, *numbers])


def _draws(rows: pl.DataFrame) -> str:
    of_contrast = rows.group_by("contrast", maintain_order=True).agg(pl.col("draws").unique().sort())
    said = {"null": "where nothing differs", "difference": "where something does"}
    return ", ".join(f"{' or '.join(f'{n:,}' for n in draws)} {said[name]}" for name, draws in of_contrast.rows())
