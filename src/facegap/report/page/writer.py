"""The report folder: the page, its charts as files, and the evaluation as data."""

from collections.abc import Sequence
from pathlib import Path

from facegap.data.estimate_table import write_estimates
from facegap.data.evaluation import Evaluation
from facegap.data.own_files import CHARTS, ESTIMATES, MARK, OWNED, PAGE, STUDY, TABLE
from facegap.errors import InputError
from facegap.report.charts.drawing import pdf, png, svg
from facegap.report.charts.figures import Figures, figures_of
from facegap.report.page.faces import shown_faces, thumbnails_of
from facegap.report.page.page import render
from facegap.report.page.report_folder import check_report_folder
from facegap.run.files import written_folder
from facegap.run.progress import Progress, silent

CHART_FORMATS = ("svg", "png", "pdf")
DEFAULT_CHARTS = ("svg", "png")
"""The formats that charts can be written in as files, and those that they are written in by default."""


def write_report(
    evaluation: Evaluation,
    out: Path,
    *,
    images: bool = True,
    charts: Sequence[str] = DEFAULT_CHARTS,
    study: str = "",
    progress: Progress = silent,
) -> Path:
    """Write the report of an evaluation to the folder `out` and return its page, `index.html`.

    Everything is made in a new folder first, which takes the place of an earlier report in one step, so a run that
    fails or dies leaves one whole report: see `facegap.files.written_folder`. Other files in `out` stay.
    `images=False` leaves every face out. `charts`: the formats that charts are written in as files beside the page,
    `svg`, `png` or `pdf`; nothing of the page depends on them. `study`: how to repeat it, kept as `study.toml`.

    Raises:
        InputError: `out` is a file, cannot be written, is being written by another run, or holds files of these names
            that are no report; or there is no such format of charts.
    """
    out = Path(out)
    check_charts(charts)
    check_report_folder(out)
    with written_folder(out, OWNED) as made:
        _make(evaluation, made, images=images, charts=charts, progress=progress)
        if study:
            (made / STUDY).write_text(study, encoding="utf-8", newline="\n")
    return out / PAGE


def check_charts(formats: Sequence[str]) -> None:
    """Refuse a format that charts cannot be written in.

    Raises:
        InputError: there is one.
    """
    if unknown := [name for name in formats if name not in CHART_FORMATS]:
        raise InputError(
            "charts cannot be written as {name!r}: choose from {chart_formats}, or none",
            name=unknown[0],
            chart_formats=", ".join(CHART_FORMATS),
        )


def _make(evaluation: Evaluation, folder: Path, *, images: bool, charts: Sequence[str], progress: Progress) -> None:
    figures = figures_of(evaluation)
    if charts:
        _draw(figures, folder / CHARTS, charts, progress)
    shown = shown_faces(evaluation)
    faces = thumbnails_of(shown, progress) if images else None
    (folder / PAGE).write_text(render(evaluation, figures, shown, faces), encoding="utf-8", newline="\n")
    (folder / MARK).write_bytes(evaluation.to_json())
    evaluation.to_parquet(folder / TABLE)
    if evaluation.estimates is not None:
        write_estimates(evaluation.estimates, folder / ESTIMATES)


def _draw(figures: Figures, folder: Path, formats: Sequence[str], progress: Progress) -> None:
    folder.mkdir()
    drawings = [(figure, view, chart) for figure in figures.every for view, chart in figure.drawn.items()]
    for done, (figure, view, chart) in enumerate(drawings, start=1):
        drawn = svg(chart, figure.title)
        stem = f"{figure.stem}-{view}" if view else figure.stem
        made = {"svg": drawn.encode, "png": lambda drawn=drawn: png(drawn), "pdf": lambda drawn=drawn: pdf(drawn)}
        for name in formats:
            (folder / f"{stem}.{name}").write_bytes(made[name]())
        progress("charts", done, len(drawings))
