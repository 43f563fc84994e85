"""The report folder: the page, its charts as files, and the evaluation as data."""

from pathlib import Path

from facegap.data.estimate_table import write_estimates
from facegap.data.evaluation import Evaluation
from facegap.data.own_files import CHARTS, ESTIMATES, MARK, OWNED, PAGE, STUDY, TABLE
from facegap.report.charts.drawing import png, svg
from facegap.report.charts.figures import Figures, figures_of
from facegap.report.page.faces import shown_faces, thumbnails_of
from facegap.report.page.page import render
from facegap.report.page.report_folder import check_report_folder
from facegap.run.files import written_folder
from facegap.run.progress import Progress, silent


def write_report(
    evaluation: Evaluation, out: Path, *, images: bool = True, study: str = "", progress: Progress = silent
) -> Path:
    """Write the report of an evaluation to the folder `out` and return its page, `index.html`.

    Everything is made in a new folder first, which takes the place of an earlier report in one step, so a run that
    fails or dies leaves one whole report: see `facegap.files.written_folder`. Other files in `out` stay.
    `images=False` leaves every face out. `study`: how to repeat it, kept as `study.toml`.

    Raises:
        InputError: `out` is a file, cannot be written, is being written by another run, or holds files of these names
            that are no report.
    """
    out = Path(out)
    check_report_folder(out)
    with written_folder(out, OWNED) as made:
        _make(evaluation, made, images=images, progress=progress)
        if study:
            (made / STUDY).write_text(study, encoding="utf-8", newline="\n")
    return out / PAGE


def _make(evaluation: Evaluation, folder: Path, *, images: bool, progress: Progress) -> None:
    figures = figures_of(evaluation)
    _draw(figures, folder / CHARTS, progress)
    shown = shown_faces(evaluation)
    faces = thumbnails_of(shown, progress) if images else None
    (folder / PAGE).write_text(render(evaluation, figures, shown, faces), encoding="utf-8", newline="\n")
    (folder / MARK).write_bytes(evaluation.to_json())
    evaluation.to_parquet(folder / TABLE)
    if evaluation.estimates is not None:
        write_estimates(evaluation.estimates, folder / ESTIMATES)


def _draw(figures: Figures, folder: Path, progress: Progress) -> None:
    folder.mkdir()
    drawings = [(figure, view, chart) for figure in figures.every for view, chart in figure.views.items()]
    for done, (figure, view, chart) in enumerate(drawings, start=1):
        drawn = svg(chart, figure.title)
        stem = f"{figure.stem}-{view}" if view else figure.stem
        (folder / f"{stem}.svg").write_text(drawn, encoding="utf-8", newline="\n")
        (folder / f"{stem}.png").write_bytes(png(drawn))
        progress("charts", done, len(drawings))
