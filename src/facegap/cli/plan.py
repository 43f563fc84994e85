"""`facegap plan`: how many subjects and images answer a question."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegap.cli import groups, options
from facegap.cli.as_json import Json, print_json
from facegap.cli.columns import Columns
from facegap.cli.console import Terminal
from facegap.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from facegap.jobs.plan import Answer, Plan, Request

ASSUMED_IMAGES = 5
"""Images of each subject that a plan without a pilot is made for, if none are named."""

VERSION = 1
"""Schema version of what `--json` prints."""


def plan(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=]PATH", help="The pilot: folders, tables or saved embeddings; or --auc."),
    ] = None,
    *,
    model: options.Models = None,
    auc: Annotated[float | None, typer.Option(help="Without a pilot: the AUC that is assumed.")] = None,
    resolve: Annotated[
        list[str] | None, typer.Option(help="A false match rate to be known to within half of itself, e.g. fmr=1e-3.")
    ] = None,
    gap: Annotated[
        list[str] | None,
        typer.Option(help="A difference to be found: auc=0.02, eer=0.02, tar@fmr=1e-2=0.05 or fnmr@fmr=1e-2=0.05."),
    ] = None,
    between: Annotated[
        str, typer.Option(help="Whether the gap lies between cohorts, or models on the same subjects.")
    ] = "cohorts",
    standardised: Annotated[
        Path | None,
        typer.Option(help="In place of a pilot: a report made with --explain, to plan for what is left of a gap."),
    ] = None,
    images: Annotated[
        int | None, typer.Option(help="Images of each subject that the study will have; by default the pilot's.")
    ] = None,
    power: Annotated[float, typer.Option(help="Chance that the gap is found if it is there.")] = 0.8,
    level: Annotated[float, typer.Option(help="Confidence of the test and of the intervals.")] = 0.95,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the plan to this CSV file.")] = None,
    models: groups.ModelOptions,
    detection: groups.DetectionOptions,
    reading: groups.ReadingOptions,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is random.")] = 0,
    comparator: options.CompareBy = "cosine",
    running: groups.DeviceOptions,
    anonymous: options.Anonymous = False,
    json: Json = False,
) -> None:
    """Say how many subjects and images a study needs, from a pilot or from an assumed AUC."""
    import numpy as np

    from facegap.cli.outputs import PLAN, reserved
    from facegap.cli.terminal import Bars
    from facegap.jobs.plan import Request, assume, parse_gap, parse_resolve, read_pilot
    from facegap.jobs.plan import plan as work_out

    questions = [*map(parse_resolve, resolve or ()), *(parse_gap(text, between) for text in gap or ())]
    if standardised is not None:
        if inputs or model or auc is not None or images is not None:
            raise InputError("--standardised plans from a report alone: leave images, models, --auc and --images out")
        _from_report(standardised, Request(tuple(questions), None, power, level), out, anonymous=anonymous, json=json)
        return
    if bool(inputs) == (auc is not None):
        raise InputError("a plan starts from a pilot or from an assumption: give images, or an AUC, e.g. --auc 0.95")
    if auc is not None and model:
        raise InputError("an assumed AUC needs no model: leave --model out, or give a pilot instead of --auc")
    if auc is not None and images is None:
        images = ASSUMED_IMAGES
    asked = [models.parsed(m, running.device) for m in model or ()]
    study = groups.study(
        inputs or (), asked, detection, reading, running, anonymous=anonymous, comparator=comparator, seed=seed
    )
    request = Request(tuple(questions), images, power, level)
    console = Terminal(stderr=json)
    assumed, measured = np.random.default_rng(seed).spawn(2)
    chosen = running.chosen()
    given = [*(inputs or ()), *(model or ()), reading.image_root, detection.detector]
    with reserved(*([(out, PLAN)] if out else []), given=given), Bars(console) as progress:
        pilot = (
            read_pilot(study, executor=chosen, progress=progress, say=console.say)
            if auc is None
            else assume(auc, rng=assumed)
        )
        found = work_out(pilot, request, rng=measured, workers=running.workers, executor=chosen, progress=progress)
        _write(found.frame(), out)
    if json:
        print_json(VERSION, {"assumption": found.assumption, "lost": found.lost, "needs": found.frame().to_dicts()})
    else:
        _show(console, found)


def _from_report(report: Path, request: "Request", out: Path | None, *, anonymous: bool, json: bool) -> None:
    from facegap.cli.outputs import PLAN, reserved
    from facegap.data.report_files import read_report
    from facegap.jobs.plan import standardised, standardised_frame
    from facegap.report.text.plans import standardised_notes, standardised_sentence

    with reserved(*([(out, PLAN)] if out else []), given=[report]):
        found = standardised(read_report(report, anonymous=anonymous, estimates=False), request)
        frame = standardised_frame(found)
        _write(frame, out)
    if json:
        print_json(VERSION, {"standardised": frame.to_dicts()})
        return
    console = Terminal()
    for one in found:
        console.print(f"\n{standardised_sentence(one, request)}")
    for note in standardised_notes(found):
        console.print(f"\n{note}")


def _write(frame: "pl.DataFrame", out: Path | None) -> None:
    from facegap.run.files import written_whole
    from facegap.run.spreadsheet import spreadsheet_safe

    if out is not None:
        with written_whole(out) as (draft,):
            draft.write_text(spreadsheet_safe(frame).write_csv(), encoding="utf-8", newline="")


def _show(console: Terminal, found: "Plan") -> None:
    from facegap.report.text.plans import notes, sentences, title

    if found.assumption:
        console.print(f"\n{found.assumption}", style="yellow")
    for answer in found.answers:
        console.print(f"\n{title(answer, found)}", style="bold")
        console.print(_table(answer, found))
        for sentence in sentences(answer):
            console.print(sentence)
    for note in notes(found):
        console.print(f"\n{note}")


def _table(answer: "Answer", found: "Plan") -> Columns:
    from facegap.report.text.formatting import count
    from facegap.report.text.language import _
    from facegap.report.text.plans import range_text, subjects_label

    table = Columns()
    for name in (_("Images of each"), subjects_label(answer), _("Images in all")):
        table.add_column(name, justify="right")
    if not found.assumption:
        table.add_column(_("Likely range"), justify="right", no_wrap=True)
    for need in answer.needs:
        stretched = not (need.measured or found.assumption)
        row = [f"{count(need.images)}{' *' if stretched else ''}", count(need.subjects), count(need.images_in_all)]
        if said := range_text(need):
            row.append(said)
        table.add_row(*row, style="bold" if need.images == answer.images else None)
    return table
