"""`facegap calibrate`: what a score is worth as evidence, as a file that `facegap verify` reads."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from facegap.cli import groups, options
from facegap.cli.as_json import Json, print_json
from facegap.cli.columns import Columns
from facegap.cli.console import Terminal
from facegap.errors import InputError

if TYPE_CHECKING:
    from facegap.jobs.calibrate import Calibrated, Method

METHODS = ("logistic", "isotonic")


@dataclass(frozen=True)
class ReadingByAttribute(groups.ReadingOptions):
    """How inputs are read; --cohort is the one that is fitted on."""

    cohort_by: Annotated[
        list[str] | None, typer.Option(help="Attribute(s) that make the cohorts, e.g. sex or sex,age.")
    ] = None


VERSION = 1
"""Schema version of what `--json` prints."""


def calibrate(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="REPORT | [NAME=]PATH", help="A report, or the images: folders, tables or saved embeddings."
        ),
    ],
    *,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Which model of the report; for images as in evaluate.")
    ] = None,
    cohort: Annotated[str | None, typer.Option(help="Fit on this cohort; on all together by default.")] = None,
    method: Annotated[
        str, typer.Option(help="logistic (a line over the score) or isotonic (any rising map).")
    ] = "logistic",
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write; the chart goes beside it.")] = Path(
        "calibration.json"
    ),
    models: groups.ModelOptions,
    detection: groups.DetectionOptions,
    reading: ReadingByAttribute,
    seed: Annotated[int, typer.Option(help="Seed of the halves of subjects.")] = 0,
    comparator: options.CompareBy = "cosine",
    running: groups.DeviceOptions,
    anonymous: options.Anonymous = False,
    json: Json = False,
) -> None:
    """Map scores to likelihood ratios, and say what these cost on others than they were fitted on."""
    from facegap.cli.outputs import CALIBRATION, RATIO_PNG, RATIO_SVG, reserved
    from facegap.cli.terminal import Bars, place
    from facegap.data.report_files import is_report, read_report
    from facegap.jobs.calibrate import calibrate as on_report
    from facegap.jobs.calibrate import calibrate_images as on_images
    from facegap.report.text.language import _
    from facegap.report.text.notices import notice_text

    chosen = cast("Method", options.one_of("--method", method, METHODS))
    console = Terminal(stderr=json)
    notice = ""
    files = (out, CALIBRATION), (out.with_suffix(".svg"), RATIO_SVG), (out.with_suffix(".png"), RATIO_PNG)
    with reserved(*files, given=[*inputs, model, reading.image_root, detection.detector]):
        if len(inputs) == 1 and is_report(Path(inputs[0])):
            evaluation = read_report(Path(inputs[0]), anonymous=anonymous, estimates=False)
            notice = notice_text(evaluation)
            found = on_report(evaluation, model=model, cohort=cohort, method=chosen)
        else:
            asked = [] if model is None else [models.parsed(model, running.device)]
            study = groups.study(
                inputs, asked, detection, reading, running, anonymous=anonymous, comparator=comparator, seed=seed
            )
            with Bars(console) as progress:
                found = on_images(
                    study,
                    cohort=cohort,
                    method=chosen,
                    executor=running.chosen(),
                    progress=progress,
                    say=console.say,
                )
        _write(found, out)
    if json:
        kept = found.calibration
        about = {"model": kept.use.model, "cohort": kept.cohort, "method": kept.method, "judged": kept.judged}
        print_json(VERSION, {"file": place(out, anonymous=anonymous), "notice": notice, **about})
        return
    if notice:
        console.print(f"{notice}\n", style="yellow")
    _show(console, found)
    written = place(out, anonymous=anonymous)
    console.print("\n" + _("Calibration: {file}", file=written), style="bold", soft_wrap=True)


def _write(found: "Calibrated", out: Path) -> None:
    """Write the calibration, and beside it a chart of it and of what the other method finds."""
    from facegap.cli.outputs import RATIO_MARK
    from facegap.jobs.calibrate import fit
    from facegap.report.charts.drawing import png, svg
    from facegap.report.charts.likelihood import likelihood
    from facegap.report.text.language import _
    from facegap.report.text.names import method_name
    from facegap.report.text.phrases import place_words
    from facegap.run.files import written_whole

    kept = found.calibration
    maps = {method_name(kept.method): (kept.ratios.similarity, kept.ratios.log10_lr)}
    for method in cast("list[Method]", [one for one in METHODS if one != kept.method]):
        with suppress(InputError):  # scores that are worse than chance have no line
            ratios = fit(found.scores, method)
            maps[method_name(method)] = ratios.similarity, ratios.log10_lr
    chart = likelihood(maps, kept.use.comparator, found.scores.similarity[[0, -1]])
    place = place_words(kept.cohort)
    drawn = svg(chart, _("{model} in {cohort}: likelihood ratios over the score", model=kept.use.model, cohort=place))
    with written_whole(out, out.with_suffix(".svg"), out.with_suffix(".png")) as (text, picture, pixels):
        text.write_bytes(kept.to_json())
        picture.write_text(f"{drawn}{RATIO_MARK.decode()}\n", encoding="utf-8", newline="\n")
        pixels.write_bytes(png(drawn))


def _show(console: Terminal, found: "Calibrated") -> None:
    """Print what the ratios cost, on whom."""
    from facegap.report.text.formatting import count
    from facegap.report.text.language import _
    from facegap.report.text.names import judged_on, method_name
    from facegap.report.text.phrases import place_words

    kept = found.calibration
    made = _(
        "{model}: {method} map of its scores in {place}",
        model=kept.use.model,
        method=method_name(kept.method),
        place=place_words(kept.cohort),
    )
    console.print(f"\n{made}\n", style="bold")
    table = Columns()
    table.add_column(_("Judged on"), overflow="fold")
    for name in (
        _("Seen"),
        _("Genuine"),
        _("Impostor"),
        _("Cllr before"),
        _("Cllr after"),
        _("minCllr"),
        _("Loss"),
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for one in kept.judged:
        costs = [f"{cost:.3f}" for cost in (one.before, one.after, one.least, one.loss)]
        table.add_row(
            judged_on(one.on),
            _("no") if one.unseen else _("yes"),
            count(one.n_genuine),
            count(one.n_impostor),
            *costs,
        )
    console.print(table)
    for note in (
        _("Seen: whether the map was fitted on these very comparisons, which flatters it."),
        _("Cllr: what the ratios cost who relies on them, in bits: 0 is perfect, 1 is what no evidence at all costs."),
        _("Before: the score itself read as a probability, from 0 at the lowest score seen to 1 at the highest."),
        _(
            "minCllr: the best that any rising map of these scores could do; the loss is what calibration leaves to "
            "gain."
        ),
    ):
        console.print(note, style="dim")
