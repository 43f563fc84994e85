"""The study as tables on the terminal and as a page of Markdown."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import polars as pl
import polars.selectors as cs
from rich.table import Table

from studies import ours
from studies.bounds import HIGHEST, HUBS_LOWEST, LOWEST, REJECT_HIGHEST, REJECT_LOWEST, judged
from studies.picture import picture
from studies.populations import CONTRASTS
from studies.reading import LEVEL

KINDS = {
    "single": "one model",
    "models": "two models, a − b",
    "cohorts": "two cohorts, x − y",
}
_WITH = {"null": "", "difference": ", that differ"}
_INTRODUCTION = """\
# Do the intervals hold what they promise?

A {level:.0%} interval should hold the true value in {level:.0%} of all studies. Of real people nobody knows the true
value, so this study draws people from populations whose true rates are known, measures each draw as facegap measures
a study, and counts. `studies/populations.py` says who is drawn, `studies/truth.py` where the truth comes from;
`make coverage` repeats the study and writes this page, with every number in `coverage.json`.

Each population was drawn {null:,} times with nothing to find: two models that see the same photos and are equally
good, two cohorts that are alike, half of the subjects each.{difference} *a x b* is a subjects with b images each; with
*hubs* a few subjects attract most false matches; *rare errors* has the threshold at FMR 0.001, the others at 0.01.
{peers}
With {null:,} draws a true {level:.0%} shows up as {level:.0%} ± {error:.1%} (one standard error).

![How often each interval held the truth](coverage.png)

## How often the interval held the true value

In percent of the draws. The aim for facegap is {lowest:.0f} to {highest:.0f}, and at least {hubs:.0f} with hubs; what
misses {lowest:.0f} to {highest:.0f} is bold.
"""
_PEERS = """
The other methods saw the first {n:,} of these draws. *DeLong* and *Wilson* take comparisons for independent,
*bootstrap, images* takes images for independent (200 replicates). *cimat* is the package cimat 0.1.2, whose formulas
are computed here in array form and give its numbers digit for digit: Wilson with its plug-in variance for FMR and FNMR,
its double-or-nothing bootstrap (200 replicates) for AUC and TAR.
"""
_TESTS = """
## How often a difference is found

In percent of the draws, at the 5 % level: where there is none (the aim is {lowest:.0f} to {highest:.0f}){difference}.
*Unpaired* takes the two models' own intervals as if they came from different people.
"""


def terminal_tables(found: pl.DataFrame) -> Iterator[Table]:
    """Yield one table per population and contrast: every method and quantity."""
    for (population, contrast), rows in found.group_by("population", "contrast", maintain_order=True):
        table = Table(
            "kind", "quantity", "method", "draws", "cover", "above", "below", "none", "width", "bias/sd", "rejects",
            title=f"{population}: {contrast}", title_justify="left",
        )  # fmt: skip
        for row in rows.sort("kind", "label", "method", maintain_order=True).iter_rows(named=True):
            off = row["method"] == ours.METHOD and not LOWEST <= row["cover"] <= HIGHEST
            table.add_row(
                row["kind"],
                row["label"],
                row["method"],
                str(row["draws"]),
                f"{'[red]' if off else ''}{row['cover']:.1%}",
                f"{row['above']:.1%}",
                f"{row['below']:.1%}",
                f"{row['none']:.1%}" if row["none"] else "",
                "open" if row["width"] is None else f"{row['width']:.4f}",
                "" if row["bias"] is None else f"{row['bias']:+.2f}",
                "" if row["rejects"] is None else f"{row['rejects']:.1%}",
            )
        yield table


def write(found: pl.DataFrame, folder: Path) -> None:
    """Write coverage.json, coverage.md, coverage.svg and coverage.png."""
    folder.mkdir(parents=True, exist_ok=True)
    found = found.with_columns(cs.float().round_sig_figs(4))  # the page then says what the file says, to the last digit
    (folder / "coverage.json").write_bytes(msgspec.json.encode(found.to_dict(as_series=False)) + b"\n")
    (folder / "coverage.md").write_text(page(found), encoding="utf-8")
    drawn, pixels = picture(found)
    (folder / "coverage.svg").write_text(drawn, encoding="utf-8")
    (folder / "coverage.png").write_bytes(pixels)


def page(found: pl.DataFrame) -> str:
    """Return the page that says what was drawn, what came out and where it falls short."""
    null, difference = (found.filter(pl.col("contrast") == contrast) for contrast in CONTRASTS)
    draws = int(null["draws"].to_numpy().max())
    others = null.filter(~pl.col("method").str.starts_with(ours.METHOD))
    more = f" It was drawn {difference['draws'][0]:,} more times with models and cohorts that differ."
    introduction = _INTRODUCTION.format(
        level=LEVEL,
        null=draws,
        difference=more if difference.height else "",
        peers=_PEERS.format(n=others["draws"][0]) if others.height else "",
        error=(LEVEL * (1 - LEVEL) / draws) ** 0.5,
        lowest=100 * LOWEST,
        highest=100 * HIGHEST,
        hubs=100 * HUBS_LOWEST,
    )
    then = ", then where there is one" if difference.height else ""
    tests = _TESTS.format(lowest=100 * REJECT_LOWEST, highest=100 * REJECT_HIGHEST, difference=then)
    parts = [introduction, *_coverage_table(found), tests, *_tests_table(found), "", *_shortfalls(found), ""]
    return "\n".join(parts)


def _coverage_table(found: pl.DataFrame) -> Iterator[str]:
    names = found["population"].unique(maintain_order=True).to_list()
    yield from _header(["", "", "method", *names], left=3)
    shown = found.filter(pl.col("method") != ours.UNPAIRED)
    contrast = pl.col("contrast").replace_strict({name: k for k, name in enumerate(CONTRASTS)})
    kind = pl.col("kind").replace_strict({name: k for k, name in enumerate(KINDS)})
    order = shown.sort(contrast, kind, maintain_order=True)
    for key, rows in order.group_by("contrast", "kind", "label", maintain_order=True):
        for (method,), cells in rows.group_by("method", maintain_order=True):
            cover = dict(zip(cells["population"], cells["cover"], strict=True))
            numbers = [_percent(cover.get(name), bold=method == ours.METHOD) for name in names]
            yield _line([KINDS[str(key[1])] + _WITH[str(key[0])], key[2], method, *numbers])


def _tests_table(found: pl.DataFrame) -> Iterator[str]:
    names = found["population"].unique(maintain_order=True).to_list()
    yield from _header(["", "", "test", *names], left=3)
    for key, rows in found.filter(pl.col("kind") != "single").group_by("kind", "label", maintain_order=True):
        for (method,), cells in rows.group_by("method", maintain_order=True):
            share = {(row["population"], row["contrast"]): row["rejects"] for row in cells.iter_rows(named=True)}
            numbers = [" → ".join(filter(None, (_percent(share.get((name, c))) for c in CONTRASTS))) for name in names]
            yield _line([KINDS[str(key[0])], key[1], method, *numbers])


def _shortfalls(found: pl.DataFrame) -> Iterator[str]:
    """Yield the section that names all that is out of bounds, and every interval that was withheld."""
    own = judged(found)
    yield f"## Where it falls short\n\n{own.height} coverages are judged."
    low, high, hubs = f"{LOWEST * 100:.0f} %", f"{HIGHEST * 100:.0f} %", f"{HUBS_LOWEST * 100:.0f} %"
    cover, rejects, nothing = pl.col("cover"), pl.col("rejects"), pl.col("contrast") == "null"
    rare, often = f"{REJECT_LOWEST * 100:.0f} %", f"{REJECT_HIGHEST * 100:.0f} %"
    sections = (
        (f"Under {hubs}", cover < HUBS_LOWEST, "cover"),
        (f"From {hubs} to under {low}", (cover >= HUBS_LOWEST) & (cover < LOWEST), "cover"),
        (f"Over {high}: safe, but wider than need be", cover > HIGHEST, "cover"),
        (f"Tests that find what is not there in over {often}", nothing & (rejects > REJECT_HIGHEST), "rejects"),
        (f"Tests that do so in under {rare}: safe, but blunt", nothing & (rejects < REJECT_LOWEST), "rejects"),
        ("Without an interval in some draws, since there were too few errors", pl.col("none") > 0, "none"),
    )
    for title, which, column in sections:
        rows = own.filter(which)
        yield f"\n{title} ({rows.height}):\n" if rows.height else f"\n{title}: none."
        for key, cells in rows.group_by("kind", "contrast", "label", maintain_order=True):
            where = "; ".join(f"{row['population']} {row[column] * 100:.1f}" for row in cells.iter_rows(named=True))
            yield f"- {KINDS[str(key[0])]}{_WITH[str(key[1])]}, {key[2]}: {where}"


def _percent(share: float | None, *, bold: bool = False) -> str:
    if share is None:
        return ""
    return f"**{share * 100:.1f}**" if bold and not LOWEST <= share <= HIGHEST else f"{share * 100:.1f}"


def _header(names: Sequence[str], left: int) -> list[str]:
    return [_line(names), "|" + "---|" * left + "---:|" * (len(names) - left)]


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
