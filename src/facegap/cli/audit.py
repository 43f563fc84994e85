"""`facegap audit`: which labels may be wrong."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegap.cli import groups, options
from facegap.cli.as_json import Json, print_json
from facegap.cli.columns import Columns
from facegap.cli.console import Terminal

if TYPE_CHECKING:
    import polars as pl

SHOWN = 15

VERSION = 1
"""Schema version of what `--json` prints."""


def audit(
    inputs: Annotated[
        list[str], typer.Argument(metavar="[NAME=]PATH", help="Folders of images, tables or saved embeddings.")
    ],
    *,
    model: options.Models = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="CSV file to write.")] = Path("audit.csv"),
    models: groups.ModelOptions,
    detection: groups.DetectionOptions,
    reading: groups.ReadingOptions,
    comparator: options.CompareBy = "cosine",
    running: groups.DeviceOptions,
    anonymous: options.Anonymous = False,
    json: Json = False,
) -> None:
    """Find the labels that may be wrong, and write a list to act on."""
    from facegap.cli.outputs import AUDIT, reserved
    from facegap.cli.terminal import Bars, place
    from facegap.jobs.audit import audit as run
    from facegap.report.text.language import _
    from facegap.run.files import written_whole
    from facegap.run.spreadsheet import spreadsheet_safe

    asked = [models.parsed(m, running.device) for m in model or ()]
    study = groups.study(inputs, asked, detection, reading, running, anonymous=anonymous, comparator=comparator)
    console = Terminal(stderr=json)
    doubts: list[str] = []
    with reserved((out, AUDIT), given=[*inputs, *(model or ()), reading.image_root, detection.detector]):
        with Bars(console) as progress:
            found = run(
                study,
                executor=running.chosen(),
                progress=progress,
                say=console.say,
                doubt=doubts.append,
            )
        with written_whole(out) as (draft,):
            draft.write_text(spreadsheet_safe(found).write_csv(), encoding="utf-8", newline="")
    if json:
        written = place(out, anonymous=anonymous)
        print_json(VERSION, {"list": written, "limits": doubts, "suspicions": found.to_dicts()})
        return
    _show(console, found, limited=bool(doubts))
    for line in doubts:
        console.print(_("Limits: {text}", text=line), style="yellow", soft_wrap=True)
    console.print("\n" + _("List: {file}", file=place(out, anonymous=anonymous)), style="bold", soft_wrap=True)


def _show(console: Terminal, found: "pl.DataFrame", *, limited: bool) -> None:
    """Print how many there are of each kind, and the first of them."""
    from facegap.jobs.audit import PROBABLE
    from facegap.report.text.audits import suspicion_text
    from facegap.report.text.language import _, ngettext

    console.print()
    if found.is_empty():
        within = _("No label stands out as wrong, within these limits:")
        console.print(within if limited else _("No label stands out as wrong."))
        return
    probable = (found["by_chance"] <= PROBABLE).fill_null(value=False).alias("probable")
    rows = found.select("kind", probable).iter_rows()
    counts = Counter((kind, suspicion_text(kind, probable=sure)) for kind, sure in rows)
    for (kind, words), count in counts.items():
        console.print(f"{count:>6,}  {kind}: {words}")
    console.print()
    table = Columns()
    several = found.filter(found["model"] != "")["model"].n_unique() > 1
    for name in (_("Suspicion"), *([_("Model")] if several else []), _("Image a"), _("Image b")):
        table.add_column(name, overflow="fold")
    for name in (_("Score"), _("By chance")):
        table.add_column(name, justify="right", no_wrap=True)
    for row in found.head(SHOWN).iter_rows(named=True):
        names = [*([row["model"]] if several else []), _image(row, "a"), _image(row, "b")]
        table.add_row(row["kind"], *names, _number(row["score"], ".3f"), _number(row["by_chance"], ".2g"))
    console.print(table)
    if found.height > SHOWN:
        more = found.height - SHOWN
        console.print(ngettext("and {n} more in the list", "and {n} more in the list", more, n=more))
    for line in (
        "",
        _("By chance: how many cases as extreme are expected where no label is wrong."),
        _("Probably: at most {limit} by chance. Maybe: more, or nobody can say.", limit=PROBABLE),
        _("These are suspects: look at both images before you change a label."),
    ):
        console.print(line, style="dim")


def _image(row: dict, side: str) -> str:
    """Return an image's file name, after its subject if the name does not say it."""
    name, subject = Path(row[f"path_{side}"]).name, row[f"subject_{side}"]
    return name if subject in name else f"{subject}: {name}"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
