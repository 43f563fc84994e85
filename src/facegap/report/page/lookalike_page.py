"""The page of look-alikes: pairs of faces side by side, in one file that loads nothing."""

from pathlib import Path

import polars as pl
from markupsafe import Markup

from facegap.errors import InputError
from facegap.report.charts.fonts import embedded_font
from facegap.report.page.page import FONTS, environment
from facegap.report.page.thumbnails import thumbnail
from facegap.report.text.names import SUSPICIONS, suspicion_words
from facegap.run.progress import Progress, silent


def write_lookalikes(found: pl.DataFrame, out: Path, *, name: str, progress: Progress = silent) -> None:
    """Write the page of look-alikes; `found` is in the columns of `facegap.jobs.lookalike.LOOKALIKE_SCHEMA`.

    `name`: of the images that were compared.

    Raises:
        InputError: the file cannot be written.
    """
    paths = list(dict.fromkeys((*found["path_a"], *found["path_b"])))
    faces = {}
    for done, path in enumerate(paths, start=1):
        faces[path] = thumbnail(path)
        progress("thumbnails", done, len(paths))
    models = {
        model: {
            suspicion_words(kind): rows.to_dicts()
            for kind in ("", *SUSPICIONS)
            if (rows := found.filter(model=model, suspicion=kind)).height
        }
        for model in found["model"].unique(maintain_order=True)
    }
    japanese = embedded_font(name + found.write_csv())
    template = environment({}).get_template("lookalikes.html.j2")
    page = template.render(name=name, models=models, faces=faces, fonts=Markup(FONTS), japanese=japanese)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{out} cannot be written ({error}): name another file with --out") from None
