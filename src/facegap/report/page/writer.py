"""The report folder: the page, its charts as files, and the evaluation as data."""

import tempfile
from pathlib import Path

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError
from facegap.report.charts.drawing import png, svg
from facegap.report.charts.figures import Figures, figures_of
from facegap.report.page.faces import shown_faces, thumbnails_of
from facegap.report.page.page import render
from facegap.run.places import check_output_folder, exists
from facegap.run.progress import Progress, silent

MARK = "evaluation.json"
OWNED = (MARK, "evaluation.parquet", "charts", "index.html")
"""All that a report puts in its folder, the page last; a folder with `MARK` in it is a report."""


def write_report(evaluation: Evaluation, out: Path, *, images: bool = True, progress: Progress = silent) -> Path:
    """Write the report of an evaluation to the folder `out` and return its page, `index.html`.

    Everything is made in a temporary folder inside `out` first (so that only `out` need be writable), so a run that
    fails leaves an earlier report as it was. Other files in `out` stay. `images=False` leaves every face out.

    Raises:
        InputError: `out` is a file, cannot be written, or holds files of these names that are no report.
    """
    out = Path(out)
    check_report_folder(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=out) as unfinished:
            made, replaced = Path(unfinished) / "made", Path(unfinished) / "replaced"
            made.mkdir()
            replaced.mkdir()
            _make(evaluation, made, images=images, progress=progress)
            _move(made, out, replaced)
    except OSError as error:
        raise InputError(f"the report folder {out} cannot be written ({error}): choose another with --out") from error
    return out / "index.html"


def check_report_folder(out: Path) -> None:
    """Refuse a folder that no report could be written to; to be asked before any work is done.

    Raises:
        InputError: `out` is a file, cannot be written, or holds files of a report's names that are no report.
    """
    check_output_folder(out)
    taken = [name for name in OWNED if exists(out / name)]
    if taken and MARK not in taken:
        raise InputError(
            f"{out} holds {taken[0]} but no facegap report: choose another folder with --out, it would be replaced"
        )


def _make(evaluation: Evaluation, folder: Path, *, images: bool, progress: Progress) -> None:
    figures = figures_of(evaluation)
    _draw(figures, folder / "charts", progress)
    shown = shown_faces(evaluation)
    faces = thumbnails_of(shown, progress) if images else None
    (folder / "index.html").write_text(render(evaluation, figures, shown, faces), encoding="utf-8", newline="\n")
    (folder / MARK).write_bytes(evaluation.to_json())
    evaluation.to_parquet(folder / "evaluation.parquet")


def _draw(figures: Figures, folder: Path, progress: Progress) -> None:
    folder.mkdir()
    drawings = [(figure, view, chart) for figure in figures.every for view, chart in figure.views.items()]
    for done, (figure, view, chart) in enumerate(drawings, start=1):
        drawn = svg(chart, figure.title)
        stem = f"{figure.stem}-{view}" if view else figure.stem
        (folder / f"{stem}.svg").write_text(drawn, encoding="utf-8", newline="\n")
        (folder / f"{stem}.png").write_bytes(png(drawn))
        progress("charts", done, len(drawings))


def _move(made: Path, out: Path, replaced: Path) -> None:
    """Put what was made in place of what was there before, which goes to `replaced`."""
    for name in OWNED:
        if (out / name).exists():
            (out / name).rename(replaced / name)
        (made / name).rename(out / name)
