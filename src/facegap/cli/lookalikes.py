"""`facegap lookalikes`: which different people a model finds most alike."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegap.cli import groups, options
from facegap.cli.columns import Columns
from facegap.cli.console import Terminal

if TYPE_CHECKING:
    import polars as pl


def lookalikes(
    inputs: Annotated[
        list[str], typer.Argument(metavar="[NAME=]PATH", help="Folders of images, tables or saved embeddings.")
    ],
    *,
    model: options.Models = None,
    top: Annotated[int, typer.Option(min=1, help="How many pairs of subjects.")] = 20,
    out: Annotated[Path, typer.Option("--out", "-o", help="Page to write; the list goes beside it, as CSV.")] = Path(
        "lookalikes.html"
    ),
    models: groups.ModelOptions,
    detection: groups.DetectionOptions,
    reading: groups.ReadingOptions,
    comparator: options.CompareBy = "cosine",
    running: groups.DeviceOptions,
    anonymous: options.Anonymous = False,
) -> None:
    """List the most similar pairs of different subjects, and show them side by side on a page."""
    from facegap.cli.outputs import LOOKALIKE_LIST, LOOKALIKE_PAGE, reserved
    from facegap.cli.terminal import Bars, place
    from facegap.datasets.inputs import named, parse_inputs
    from facegap.jobs.anonymous import INPUT
    from facegap.jobs.lookalike import lookalikes as run
    from facegap.report.page.lookalike_page import lookalike_page
    from facegap.report.text.language import _
    from facegap.run.files import written_whole
    from facegap.run.spreadsheet import spreadsheet_safe

    table = out.with_suffix(".csv")
    asked = [models.parsed(m, running.device) for m in model or ()]
    study = groups.study(inputs, asked, detection, reading, running, anonymous=anonymous, comparator=comparator)
    console = Terminal()
    given = [*inputs, *(model or ()), reading.image_root, detection.detector]
    with reserved((out, LOOKALIKE_PAGE), (table, LOOKALIKE_LIST), given=given), Bars(console) as progress:
        found = run(study, top=top, executor=running.chosen(), progress=progress, say=console.say)
        named_inputs = parse_inputs(named(inputs, INPUT) if anonymous else inputs)
        name = " + ".join(each.name for each in named_inputs)
        page = lookalike_page(found, name=name, images=not anonymous, progress=progress)
        with written_whole(out, table) as (page_draft, table_draft):
            page_draft.write_text(page, encoding="utf-8", newline="\n")
            table_draft.write_text(spreadsheet_safe(found).write_csv(), encoding="utf-8", newline="")
    _show(console, found)
    page_place, table_place = (place(path, anonymous=anonymous) for path in (out, table))
    for line in ("", _("Page: {file}", file=page_place), _("List: {file}", file=table_place)):
        console.print(line, style="bold", soft_wrap=True)


def _show(console: Terminal, found: "pl.DataFrame") -> None:
    """Print the pairs, model by model."""
    from facegap.report.text.language import _
    from facegap.report.text.names import suspicion_words

    for (name,), pairs in found.group_by("model", maintain_order=True):
        console.print(f"\n{name}", style="bold")
        table = Columns()
        for column in ("", _("Score")):
            table.add_column(column, justify="right", no_wrap=True)
        for column in (_("Subject a"), _("Subject b"), *([_("Suspicion")] if (pairs["suspicion"] != "").any() else [])):
            table.add_column(column, overflow="fold")
        for row in pairs.iter_rows(named=True):
            words = suspicion_words(row["suspicion"]) if row["suspicion"] else ""
            cells = [str(row["rank"]), f"{row['score']:.4f}", row["subject_a"], row["subject_b"], words]
            table.add_row(*cells[: len(table.columns)])
        console.print(table)
