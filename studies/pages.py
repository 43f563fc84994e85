"""The study as tables on the terminal and as a page of Markdown."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import polars as pl
import polars.selectors as cs
from rich.table import Table

from studies import bounds, ours
from studies.bounds import judged
from studies.picture import picture
from studies.pooled import COLUMNS, GROUPS, column, null_rows, pooled
from studies.reading import LEVEL, OTHER_LEVELS
from studies.summary import SCHEMA

BEFORE = "coverage-before.json"
"""The same study of the method before this one, shown beside."""

_INTRODUCTION = """\
# Do the intervals hold what they promise?

A {level:.0%} interval should hold the true value in {level:.0%} of all studies. So this study draws people whose true
rates are known, measures each draw as facegap measures a study, and counts. `studies/populations.py` says who is drawn,
`studies/truth.py` where the truth comes from, `studies/bounds.py` what is asked: it was written before the study ran.
`make coverage` repeats the study and writes this page, with every number in `coverage.json`.

{groups}

*a x b* is a subjects with b images each. With *hubs* a few subjects attract most false matches; that goes for the
lognormal pull and the lambs too. Models are equal, or one is worse; cohorts are alike, or one is harder. The threshold
has FMR 0.01, or 0.001 where that is said.

With 300 draws a true 95 % shows up as 95 % ± 1.3 % (one standard error), with 2,000 as 95 % ± 0.5 %.
{before}
"""
_GROUPS = {
    "a": "populations that earlier rules of facegap were chosen on",
    "b": "populations that no rule was chosen on",
    "c": "studies drawn from half of Labeled Faces in the Wild, embedded by dlib and MobileFaceNet: at most 10 images "
    "of a subject; cohorts are random halves; the truth is the value of that whole half, and what a sample without "
    "replacement spares is taken off the intervals. One model with two independent jitters is two models that are "
    "equal in truth",
    "d": "people put into cohorts at random, many times",
    "e": "histograms in place of kept scores, and what `facegap plan` promises",
}
_BEFORE = """
Numbers in brackets are those of the method that facegap used before, from {least:,} to {most:,} draws a cell."""


def terminal_tables(found: pl.DataFrame) -> Iterator[Table]:
    """Yield one table per population and contrast: every method and quantity."""
    outside = {(row["population"], row["quantity"]) for row in bounds.outside(found).iter_rows(named=True)}
    for (population, contrast), rows in found.group_by("population", "contrast", maintain_order=True):
        table = Table(
            "quantity", "method", "draws", "cover", "above", "below", "none", "width", "bias/sd", "rejects",
            title=f"{population}: {contrast}", title_justify="left",
        )  # fmt: skip
        for row in rows.iter_rows(named=True):
            off = row["method"] == ours.METHOD and (population, bounds.named(row)) in outside
            shares = [_share(row[name]) for name in ("cover", "above", "below", "none")]
            table.add_row(
                f"{'[red]' if off else ''}{bounds.named(row)}",
                row["method"],
                str(row["draws"]),
                *shares,
                "" if row["width"] is None else f"{row['width']:.4f}",
                "" if row["bias"] is None else f"{row['bias']:+.2f}",
                _share(row["rejects"]),
            )
        yield table


def write(found: pl.DataFrame, folder: Path) -> None:
    """Write coverage.json and coverage.md, beside the method before if that is there.

    Where other methods were asked too, coverage.svg and coverage.png show them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = found.with_columns(cs.float().round_sig_figs(4))  # the page then says what the file says, to the last digit
    (folder / "coverage.json").write_bytes(encoded(found))
    (folder / "coverage.md").write_text(page(found, before_in(folder)), encoding="utf-8")
    if _of_others(found).height:
        drawn, pixels = picture(found)
        (folder / "coverage.svg").write_text(drawn, encoding="utf-8")
        (folder / "coverage.png").write_bytes(pixels)


def encoded(found: pl.DataFrame) -> bytes:
    """Return the study as `read` takes it."""
    return msgspec.json.encode(found.to_dict(as_series=False)) + b"\n"


def read(path: Path) -> pl.DataFrame:
    """Read what `write` wrote as coverage.json."""
    return pl.DataFrame(msgspec.json.decode(path.read_bytes()), schema=SCHEMA)


def before_in(folder: Path) -> pl.DataFrame | None:
    """Return the study of the method before, if the folder has it."""
    return read(folder / BEFORE) if (folder / BEFORE).exists() else None


def page(found: pl.DataFrame, before: pl.DataFrame | None = None) -> str:
    """Return the page: the pooled table first, then what is out of bounds, then every cell."""
    if before is None or before.equals(found):
        before = found.clear()
    present = found["group"].unique().to_list()
    introduction = _INTRODUCTION.format(
        level=LEVEL,
        groups="\n".join(f"- **{name}**: {words}." for name, words in _GROUPS.items() if name in present),
        before=_BEFORE.format(least=before["draws"].min(), most=before["draws"].max()) if before.height else "",
    )
    parts = [introduction, *_pooled_table(found, before), *_single_shares(found, before), *_outside(found, before)]
    return "\n".join([*parts, *_others(found), *_cells(found, before)]).rstrip() + "\n"


def _pooled_table(found: pl.DataFrame, before: pl.DataFrame) -> Iterator[str]:
    yield "## In one table\n"
    yield "In percent, the mean over quantities and populations, ± one standard error at most.\n"
    own = judged(found)
    there = {column(*key) for key in own.filter(pl.col("cover").is_not_null()).select("group", "population").rows()}
    names = [name for name in COLUMNS if name in there]
    yield from _header(["", *names], left=1)
    earlier = {line.words: shares for line, shares in pooled(before)}
    for line, shares in pooled(found):
        cells = []
        for name in names:
            mean, error = shares.get(name, (None, 0.0))
            old = earlier.get(line.words, {}).get(name, (None,))[0]
            cells.append("" if mean is None else f"{100 * mean:.1f} ± {100 * error:.1f}{_bracketed(old)}")
        yield _line([line.words, *cells])


def _single_shares(found: pl.DataFrame, before: pl.DataFrame) -> Iterator[str]:
    """Yield the tables of many cohorts and of plans."""
    claims = judged(found).filter(pl.col("kind").is_in(["holm", "raw"]))
    if claims.height:
        yield "\n## Many cohorts that are alike\n"
        most = f"{100 * bounds.ANY_CLAIM:.0f}"
        yield f"In percent: splits with any claim after Holm (the aim is {most} at most) / tests that reject before.\n"
        labels = claims["label"].unique(maintain_order=True).to_list()
        yield from _header(["", "splits", *labels], left=1)
        old = _looked_up(before, "rejects")
        for (name,), rows in claims.group_by("population", maintain_order=True):
            numbers = []
            for label in labels:
                both = {row["kind"]: row for row in rows.filter(pl.col("label") == label).iter_rows(named=True)}
                text = " / ".join(_share(row["rejects"]) + _bracketed(old.get(_key(row))) for row in both.values())
                numbers.append(text)
            yield _line([name, rows["draws"][0], *numbers])
    plans = judged(found).filter(pl.col("kind") == "plan")
    if plans.height:
        yield "\n## Studies of the planned size\n"
        low, high = (f"{100 * share:.0f}" for share in bounds.POWER)
        yield f"In percent: how often they find the gap. 80 are promised; the aim is {low} to {high}.\n"
        old = _looked_up(before, "rejects")
        for row in plans.iter_rows(named=True):
            found_in = f"{_share(row['rejects'])}{_bracketed(old.get(_key(row)))} of {row['draws']} studies"
            yield f"- {row['label']}, {row['population']}: {found_in}"


def _outside(found: pl.DataFrame, before: pl.DataFrame) -> Iterator[str]:
    """Yield the section that names all that is out of bounds, and every interval that was withheld."""
    rows, own = bounds.outside(found), judged(found)
    made = sum(1 for row in own.iter_rows(named=True) for _ in bounds.bounds_of(row))
    clear = int(rows["clear"].sum())
    yield f"\n## What is out of bounds\n\n{made:,} cells are judged; {rows.height:,} are out of bounds, {clear:,} of"
    yield "them by more than two standard errors (bold): chance is no excuse for those.\n"
    if rows.height:
        then = {(r["population"], r["what"], r["quantity"]): r for r in bounds.outside(before).iter_rows(named=True)}
        titles = ["population", "", "quantity", "%", "bounds", "reason"]
        more = ["out of bounds before"] if before.height else []
        yield _line([*titles, *more])
        yield "|---|---|---|---:|---:|---|" + "---:|" * len(more)
        for row in rows.sort("clear", descending=True, maintain_order=True).iter_rows(named=True):
            share = f"**{_share(row['share'])}**" if row["clear"] else _share(row["share"])
            aim = f"{100 * row['low']:.0f} to {100 * row['high']:.0f}"
            old = then.get((row["population"], row["what"], row["quantity"]))
            beside = [_share(old["share"]) if old else "no"] if before.height else []
            yield _line([row["population"], row["what"], row["quantity"], share, aim, row["reason"], *beside])
    withheld = own.filter(pl.col("none") > 0)
    if withheld.height:
        yield "\nNo interval in some draws, since there were too few errors (in percent of the draws):\n"
    for (quantity,), some in _with_names(withheld).group_by("quantity", maintain_order=True):
        where = "; ".join(f"{row['population']} {_share(row['none'])}" for row in some.iter_rows(named=True))
        yield f"- {quantity}: {where}"


def _others(found: pl.DataFrame) -> Iterator[str]:
    """Yield how the other methods do on the draws that they see."""
    seen = _of_others(found)
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


def _of_others(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(~pl.col("method").str.starts_with(ours.METHOD))


def _unpaired(found: pl.DataFrame) -> str:
    """Return how often the two tests of facegap find a difference of two models that is there."""
    there = found.filter(~null_rows() & (pl.col("kind") == "models") & (pl.col("contrast") == "difference"))
    shares = [there.filter(pl.col("method") == method)["rejects"].mean() for method in (ours.UNPAIRED, ours.METHOD)]
    return f"in {_share(shares[0])} % of the draws, the paired test in {_share(shares[1])} %"


def _compared(found: pl.DataFrame, columns: dict[str, list[str]], name: str) -> Iterator[str]:
    """Yield a table of methods: the mean over the populations of each column, and the lowest, or highest of tests."""
    yield from _header(["", "method", *columns], left=2)
    for (quantity,), rows in _with_names(found).group_by("quantity", maintain_order=True):
        methods = rows["method"].unique(maintain_order=True).to_list()
        for method in methods if len(methods) > 1 else ():
            numbers = []
            for populations in columns.values():
                shares = rows.filter((pl.col("method") == method) & pl.col("population").is_in(populations))[name]
                worst = shares.min() if name == "cover" else shares.max()
                numbers.append(f"{_share(shares.mean())} ({_share(worst)})" if len(shares) else "")
            yield _line([quantity, method, *numbers])


def _cells(found: pl.DataFrame, before: pl.DataFrame) -> Iterator[str]:
    """Yield a table for each group and kind of question: a population a row, a quantity a column."""
    own = judged(found).filter(~pl.col("kind").is_in(["holm", "raw", "plan"]))
    covered, rejected = _looked_up(before, "cover"), _looked_up(before, "rejects")
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
    yield from _header(["", *labels], left=1)
    for (population,), cells in rows.group_by("population", maintain_order=True):
        by_label = {row["label"]: row for row in cells.iter_rows(named=True)}
        numbers = [
            f"{_share(by_label[label][name])}{_bracketed(old.get(_key(by_label[label])))}" if label in by_label else ""
            for label in labels
        ]
        yield _line([population, *numbers])


def _draws(rows: pl.DataFrame) -> str:
    of_contrast = rows.group_by("contrast", maintain_order=True).agg(pl.col("draws").unique().sort())
    said = {"null": "where nothing differs", "difference": "where something does"}
    return ", ".join(f"{' or '.join(f'{n:,}' for n in draws)} {said[name]}" for name, draws in of_contrast.rows())


def _with_names(rows: pl.DataFrame) -> pl.DataFrame:
    names = pl.Series("quantity", [bounds.named(row) for row in rows.iter_rows(named=True)], dtype=pl.String)
    return rows.with_columns(names)


def _key(row: dict) -> tuple:
    return tuple(row[name] for name in ("population", "contrast", "kind", "metric", "at", "scale", "level"))


def _looked_up(found: pl.DataFrame, name: str) -> dict[tuple, float | None]:
    return {_key(row): row[name] for row in judged(found).iter_rows(named=True)}


def _share(share: object) -> str:
    return f"{share * 100:.1f}" if isinstance(share, float) else ""


def _bracketed(share: float | None) -> str:
    return "" if share is None else f" ({_share(share)})"


def _header(names: Sequence[object], left: int) -> list[str]:
    return [_line(names), "|" + "---|" * left + "---:|" * (len(names) - left)]


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
