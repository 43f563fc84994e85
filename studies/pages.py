"""The study as tables on the terminal and as a page of Markdown."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import polars as pl
import polars.selectors as cs
from rich.table import Table

from studies import bounds, ours
from studies.bounds import judged
from studies.cells import cells, of_others, others
from studies.markdown import bracketed, header, key_of, looked_up, share_text, table_row, with_names
from studies.picture import picture
from studies.pooled import COLUMNS, column, pooled
from studies.reading import LEVEL
from studies.summary import SCHEMA

BEFORE = "coverage-before.json"
"""The same study of the method before this one, shown beside."""

_INTRODUCTION = """\
# Do the intervals hold what they promise?

A {level:.0%} interval should hold the true value in {level:.0%} of all studies. So this study draws people whose true
rates are known, measures each draw as facegap measures a study, and counts. `studies/populations.py` says who is drawn,
`studies/truth.py` where the truth comes from, `studies/bounds.py` what is asked: it was written before the study ran.
`make coverage` repeats the study and writes this page, with every number in `coverage.json`; the splits of LFW's
development images need `--people` too, with a file that `python -m studies.embed` makes.

{groups}

*a x b* is a subjects with b images each. With *hubs* a few subjects attract most false matches; that goes for the
lognormal pull and the lambs too. Models are equal, or one is worse; cohorts are alike, or one is harder. The threshold
has FMR 0.01, or 0.001 where that is said.

With 200 draws a true 95 % shows up as 95 % ± 1.5 % (one standard error), with 1,000 as 95 % ± 0.7 %.
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
            shares = [share_text(row[name]) for name in ("cover", "above", "below", "none")]
            table.add_row(
                f"{'[red]' if off else ''}{bounds.named(row)}",
                row["method"],
                str(row["draws"]),
                *shares,
                "" if row["width"] is None else f"{row['width']:.4f}",
                "" if row["bias"] is None else f"{row['bias']:+.2f}",
                share_text(row["rejects"]),
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
    if of_others(found).height:
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
    return "\n".join([*parts, *others(found), *cells(found, before)]).rstrip() + "\n"


def _pooled_table(found: pl.DataFrame, before: pl.DataFrame) -> Iterator[str]:
    yield "## In one table\n"
    yield "In percent, the mean over quantities and populations, ± one standard error at most.\n"
    own = judged(found)
    there = {column(*key) for key in own.filter(pl.col("cover").is_not_null()).select("group", "population").rows()}
    names = [name for name in COLUMNS if name in there]
    yield from header(["", *names], left=1)
    earlier = {asked.words: shares for asked, shares in pooled(before)}
    for asked, shares in pooled(found):
        numbers = []
        for name in names:
            mean, error = shares.get(name, (None, 0.0))
            old = earlier.get(asked.words, {}).get(name, (None,))[0]
            numbers.append("" if mean is None else f"{100 * mean:.1f} ± {100 * error:.1f}{bracketed(old)}")
        yield table_row([asked.words, *numbers])


def _single_shares(found: pl.DataFrame, before: pl.DataFrame) -> Iterator[str]:
    """Yield the tables of many cohorts and of plans."""
    claims = judged(found).filter(pl.col("kind").is_in(["holm", "raw"]))
    if claims.height:
        yield "\n## Many cohorts that are alike\n"
        most = f"{100 * bounds.ANY_CLAIM:.0f}"
        yield f"In percent: splits with any claim after Holm (the aim is {most} at most) / tests that reject before.\n"
        labels = claims["label"].unique(maintain_order=True).to_list()
        yield from header(["", "splits", *labels], left=1)
        old = looked_up(before, "rejects")
        for (name,), rows in claims.group_by("population", maintain_order=True):
            numbers = []
            for label in labels:
                both = {row["kind"]: row for row in rows.filter(pl.col("label") == label).iter_rows(named=True)}
                text = " / ".join(share_text(row["rejects"]) + bracketed(old.get(key_of(row))) for row in both.values())
                numbers.append(text)
            yield table_row([name, rows["draws"][0], *numbers])
    plans = judged(found).filter(pl.col("kind") == "plan")
    if plans.height:
        yield "\n## Studies of the planned size\n"
        low, high = (f"{100 * share:.0f}" for share in bounds.POWER)
        yield f"In percent: how often they find the gap. 80 are promised; the aim is {low} to {high}.\n"
        old = looked_up(before, "rejects")
        for row in plans.iter_rows(named=True):
            found_in = f"{share_text(row['rejects'])}{bracketed(old.get(key_of(row)))} of {row['draws']:,} studies"
            yield f"- {row['label']}, {row['population']}: {found_in}"


def _outside(found: pl.DataFrame, before: pl.DataFrame) -> Iterator[str]:
    """Yield the section that names all that is out of bounds, and every interval that was withheld."""
    rows, own = bounds.outside(found), judged(found)
    made = sum(1 for row in own.iter_rows(named=True) for _ in bounds.bounds_of(row))
    clear = rows.filter("clear")
    yield "\n## What is out of bounds\n"
    yield f"{made:,} cells are judged; {rows.height:,} are out of bounds, {clear.height:,} of them by more than chance"
    yield f"explains (bold): with a probability below {bounds.CHANCE:.1%} if the true share were the bound. Of"
    yield f"these {clear['safe'].sum():,} err on the safe side: intervals hold the truth, or tests find nothing, more"
    yield "often than they need to.\n"
    if rows.height:
        then = {(r["population"], r["what"], r["quantity"]): r for r in bounds.outside(before).iter_rows(named=True)}
        titles = ["population", "", "quantity", "%", "bounds", "side", "reason"]
        more = ["out of bounds before"] if before.height else []
        yield table_row([*titles, *more])
        yield "|---|---|---|---:|---:|---|---|" + "---:|" * len(more)
        for row in rows.sort("clear", descending=True, maintain_order=True).iter_rows(named=True):
            share = f"**{share_text(row['share'])}**" if row["clear"] else share_text(row["share"])
            aim = f"{100 * row['low']:.0f} to {100 * row['high']:.0f}"
            old = then.get((row["population"], row["what"], row["quantity"]))
            beside = [share_text(old["share"]) if old else "no"] if before.height else []
            side = "safe" if row["safe"] else "unsafe"
            yield table_row([row["population"], row["what"], row["quantity"], share, aim, side, row["reason"], *beside])
    withheld = own.filter(pl.col("none") > 0)
    if withheld.height:
        yield "\nNo interval in some draws, since there were too few errors (in percent of the draws):\n"
    for (quantity,), some in with_names(withheld).group_by("quantity", maintain_order=True):
        where = "; ".join(f"{row['population']} {share_text(row['none'])}" for row in some.iter_rows(named=True))
        yield f"- {quantity}: {where}"
