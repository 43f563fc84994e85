"""`facegap verify`: whether images show the same person, as a product would decide it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegap.cli import groups, options
from facegap.cli.as_json import Json, print_json
from facegap.cli.columns import Columns
from facegap.cli.console import Terminal
from facegap.errors import InputError
from facegap.run.remote import place

if TYPE_CHECKING:
    from facegap.jobs.calibrate import Calibration
    from facegap.jobs.verify import Verification

UNUSABLE_THRESHOLD = 3
"""The exit code where the report calls the threshold unusable, whatever was decided."""


def verify(
    images: Annotated[list[Path], typer.Argument(help="Two images or more; each is compared with each other.")],
    *,
    model: options.Model = None,
    report: Annotated[
        Path | None, typer.Option(help="A report on this model: its folder, or its evaluation.json or .parquet.")
    ] = None,
    cohort: Annotated[str | None, typer.Option(help="A cohort of the report; all together by default.")] = None,
    at: Annotated[
        str | None, typer.Option(help="Choose the threshold for this rate on the cohort, e.g. fmr=1e-3.")
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="A file of `facegap calibrate`, for likelihood ratios.")
    ] = None,
    json: Json = False,
    models: groups.ModelOptions,
    detection: groups.DetectionOptions,
    device: options.Device = "cpu",
    store: Annotated[
        Path | None,
        typer.Option(
            parser=place, metavar="<path>", help="Keep embeddings in this folder, or URL; by default nothing is."
        ),
    ] = None,
) -> None:
    """Say of each two images whether they show the same person.

    Exit code 0: all show the same person. 1: some show different people, or could not be decided on. 2: bad input.
    3: the report calls the threshold unusable on the cohort: its FMR is 10 % or more, or it is the shipped one and its
    FNMR is 50 % or more. Then no decision is to be relied on.
    """
    from facegap.data.report_files import read_report
    from facegap.jobs.verify import verify as run
    from facegap.store import EmbeddingStore

    if model is None:
        raise InputError("no model was named: give one with --model, e.g. --model dlib")
    found = run(
        images,
        models.parsed(model, device),
        report=None if report is None else read_report(report, estimates=False),
        cohort=cohort,
        fmr=None if at is None else options.false_match_rate(at),
        calibration=None if calibration is None else _read_calibration(calibration),
        faces=detection.faces(),
        store=None if store is None else EmbeddingStore(store),
    )
    if json:
        from facegap.jobs.verify.verifying import VERSION

        print_json(VERSION, found)
    else:
        _show(Terminal(), found)
    raise typer.Exit((0 if found.all_same else 1) if found.usable else UNUSABLE_THRESHOLD)


def _read_calibration(path: Path) -> "Calibration":
    from facegap.jobs.calibrate import Calibration

    return Calibration.read(path)


def _show(console: Terminal, found: "Verification") -> None:
    from facegap.report.text.failures import failure_text
    from facegap.report.text.language import _
    from facegap.report.text.names import outcome_name
    from facegap.report.text.verification import (
        decision_text,
        false_match_text,
        notes,
        ratio_text,
        score_title,
        warnings,
    )

    if found.notice:
        console.print(f"{found.notice}\n", style="yellow")
    for photo in found.photos:
        if photo.outcome != "ok":
            named = {"path": photo.path, "outcome": outcome_name(photo.outcome), "detail": failure_text(photo.why)}
            said = _("{path}: {outcome} ({detail})", **named) if photo.detail else _("{path}: {outcome}", **named)
            console.print(said, style="red")
    for warning in warnings(found):
        console.print(f"{warning}\n", style="bold red")
    table = Columns()
    for name in (_("Image a"), _("Image b"), _("Decision")):
        table.add_column(name, overflow="fold")
    table.add_column(score_title(found.unit), justify="right", no_wrap=True)
    extra = {
        _("FMR"): found.level is not None,
        _("Evidence"): any(one.log10_lr is not None for one in found.comparisons),
    }
    for name, shown in extra.items():
        if shown:
            table.add_column(name)
    names = _names([photo.path for photo in found.photos])
    for one in found.comparisons:
        score = "" if one.score is None else f"{one.score:.4f}"
        cells = [names[one.path_a], names[one.path_b], decision_text(one.same), score]
        texts = zip(extra.values(), (false_match_text(one.false_match), ratio_text(one)), strict=True)
        table.add_row(*cells, *(text for shown, text in texts if shown))
    console.print(table)
    console.print()
    for note in notes(found):
        console.print(note)


def _names(paths: list[str]) -> dict[str, str]:
    """Return the file name of each image, or its path where two have one name."""
    names = [Path(path).name for path in paths]
    return {path: name if names.count(name) == 1 else path for path, name in zip(paths, names, strict=True)}
