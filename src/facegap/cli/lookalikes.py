"""`facegap lookalikes`: which different people a model finds most alike."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from facegap.cli import options
from facegap.errors import InputError

if TYPE_CHECKING:
    import polars as pl


def lookalikes(
    inputs: Annotated[
        list[str], typer.Argument(metavar="[NAME=]PATH", help="Folders of images, tables or saved embeddings.")
    ],
    model: options.Models = None,
    top: Annotated[int, typer.Option(min=1, help="How many pairs of subjects.")] = 20,
    out: Annotated[Path, typer.Option("--out", "-o", help="Page to write; the list goes beside it, as CSV.")] = Path(
        "lookalikes.html"
    ),
    preset: options.Preset = None,
    output: options.Output = None,
    jitters: options.Jitters = 1,
    face: options.Face = "main",
    detector: options.Detector = "dlib-hog",
    max_side: options.MaxSide = 2048,
    min_face: options.MinFace = None,
    layout: options.Layout = None,
    image_root: options.ImageRoot = None,
    comparator: options.CompareBy = "cosine",
    store: options.Store = None,
    workers: options.Workers = None,
    max_cpu_temp: options.MaxCpuTemp = None,
) -> None:
    """List the most similar pairs of different subjects, and show them side by side on a page."""
    from facegap.cli.terminal import Bars
    from facegap.data.comparator import Comparator
    from facegap.datasets.inputs import parse_inputs
    from facegap.faces import FaceOptions
    from facegap.jobs.lookalike import lookalikes as run
    from facegap.jobs.study import Study
    from facegap.models import parse_model
    from facegap.report.page.lookalike_page import write_lookalikes
    from facegap.report.text.language import _

    study = Study(
        inputs=inputs,
        models=[parse_model(m, preset=preset, output=output, jitters=jitters) for m in model or ()],
        layout=layout,
        images=image_root,
        faces=FaceOptions(detector=detector, rule=face, max_side=max_side, min_face=min_face),
        comparator=Comparator(options.one_of("--comparator", comparator, tuple(Comparator))),
        store=store,
        workers=workers,
        max_cpu_temp=max_cpu_temp,
    )
    console = Console(highlight=False)
    table = out.with_suffix(".csv")
    with Bars(console) as progress:
        found = run(study, top=top, progress=progress, say=lambda line: console.print(line, style="dim", markup=False))
        write_lookalikes(found, out, name=" + ".join(each.name for each in parse_inputs(inputs)), progress=progress)
    try:
        found.write_csv(table)
    except OSError as error:
        raise InputError(f"{table} cannot be written ({error}): name another file with --out") from None
    _show(console, found)
    for line in ("", _("Page: {file}", file=out), _("List: {file}", file=table)):
        console.print(line, style="bold", markup=False, soft_wrap=True)


def _show(console: Console, found: "pl.DataFrame") -> None:
    """Print the pairs, model by model."""
    from facegap.report.text.language import _
    from facegap.report.text.names import suspicion_words

    for (name,), pairs in found.group_by("model", maintain_order=True):
        console.print(f"\n{name}", style="bold", markup=False)
        table = Table(show_edge=False, pad_edge=False, header_style="bold")
        for column in ("", _("Score")):
            table.add_column(column, justify="right", no_wrap=True)
        for column in (_("Subject a"), _("Subject b"), *([_("Suspicion")] if (pairs["suspicion"] != "").any() else [])):
            table.add_column(column, overflow="fold")
        for row in pairs.iter_rows(named=True):
            words = suspicion_words(row["suspicion"]) if row["suspicion"] else ""
            cells = [str(row["rank"]), f"{row['score']:.4f}", row["subject_a"], row["subject_b"], words]
            table.add_row(*map(Text, cells[: len(table.columns)]))
        console.print(table)
