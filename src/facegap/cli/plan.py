"""`facegap plan`: how many subjects and images answer a question."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from facegap.cli import options
from facegap.cli.console import Terminal
from facegap.errors import InputError

if TYPE_CHECKING:
    from facegap.jobs.plan import Answer, Plan

ASSUMED_IMAGES = 5
"""Images of each subject that a plan without a pilot is made for, if none are named."""


def plan(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=]PATH", help="The pilot: folders, tables or saved embeddings; or --auc."),
    ] = None,
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
    images: Annotated[
        int | None, typer.Option(help="Images of each subject that the study will have; by default the pilot's.")
    ] = None,
    power: Annotated[float, typer.Option(help="Chance that the gap is found if it is there.")] = 0.8,
    level: Annotated[float, typer.Option(help="Confidence of the test and of the intervals.")] = 0.95,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the plan to this CSV file.")] = None,
    preset: options.Preset = None,
    output: options.Output = None,
    jitters: options.Jitters = 1,
    face: options.Face = "main",
    detector: options.Detector = None,
    max_side: options.MaxSide = 2048,
    min_face: options.MinFace = None,
    max_pixels: options.MaxPixels = 200_000_000,
    layout: options.Layout = None,
    subject_from: options.SubjectFrom = None,
    merge_ids: options.MergeIds = False,
    separate_subjects: options.SeparateSubjects = None,
    cohort: options.CohortBy = None,
    image_root: options.ImageRoot = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is random.")] = 0,
    comparator: options.CompareBy = "cosine",
    store: options.Store = None,
    device: options.Device = "cpu",
    workers: options.Workers = None,
    executor: options.ExecutorName = None,
    max_cpu_temp: options.MaxCpuTemp = None,
    anonymous: options.Anonymous = False,
) -> None:
    """Say how many subjects and images a study needs, from a pilot or from an assumed AUC."""
    import numpy as np

    from facegap.cli.outputs import PLAN, reserved
    from facegap.cli.terminal import Bars
    from facegap.data.comparator import OF_EMBEDDINGS, Comparator
    from facegap.faces import FaceOptions
    from facegap.jobs.plan import Request, assume, parse_gap, parse_resolve, read_pilot
    from facegap.jobs.plan import plan as work_out
    from facegap.jobs.study import Study
    from facegap.models import parse_model
    from facegap.run.files import written_whole
    from facegap.run.spreadsheet import spreadsheet_safe

    questions = [*map(parse_resolve, resolve or ()), *(parse_gap(text, between) for text in gap or ())]
    options.one_of("--comparator", comparator, OF_EMBEDDINGS)
    if bool(inputs) == (auc is not None):
        raise InputError("a plan starts from a pilot or from an assumption: give images, or an AUC, e.g. --auc 0.95")
    if auc is not None and model:
        raise InputError("an assumed AUC needs no model: leave --model out, or give a pilot instead of --auc")
    if auc is not None and images is None:
        images = ASSUMED_IMAGES
    request = Request(tuple(questions), images, power, level)
    console = Terminal()
    assumed, measured = np.random.default_rng(seed).spawn(2)
    chosen = options.executor_of(executor, workers)
    given = [*(inputs or ()), *(model or ()), image_root, detector]
    with reserved(*([(out, PLAN)] if out else []), given=given), Bars(console) as progress:
        if auc is not None:
            pilot = assume(auc, rng=assumed)
        else:
            study = Study(
                inputs=inputs or (),
                models=[
                    parse_model(m, preset=preset, output=output, jitters=jitters, device=device) for m in model or ()
                ],
                layout=layout,
                subject_from=subject_from,
                merge_ids=merge_ids,
                separate_subjects=separate_subjects,
                cohort_by=options.split_names(cohort),
                images=image_root,
                seed=seed,
                faces=FaceOptions(
                    detector=detector, rule=face, max_side=max_side, min_face=min_face, max_pixels=max_pixels
                ),
                comparator=Comparator(comparator),
                store=store,
                workers=workers,
                max_cpu_temp=max_cpu_temp,
                anonymous=anonymous,
            )
            pilot = read_pilot(study, executor=chosen, progress=progress, say=console.say)
        found = work_out(pilot, request, rng=measured, workers=workers, executor=chosen, progress=progress)
        if out is not None:
            with written_whole(out) as (draft,):
                draft.write_text(spreadsheet_safe(found.frame()).write_csv(), encoding="utf-8", newline="")
    _show(console, found)


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


def _table(answer: "Answer", found: "Plan") -> Table:
    from facegap.report.text.language import _
    from facegap.report.text.plans import range_text, subjects_label

    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in (_("Images of each"), subjects_label(answer), _("Images in all")):
        table.add_column(name, justify="right")
    if not found.assumption:
        table.add_column(_("Likely range"), justify="right")
    for need in answer.needs:
        stretched = not (need.measured or found.assumption)
        row = [f"{need.images}{' *' if stretched else ''}", f"{need.subjects:,}", f"{need.images_in_all:,}"]
        if said := range_text(need):
            row.append(said)
        table.add_row(*row, style="bold" if need.images == answer.images else None)
    return table
