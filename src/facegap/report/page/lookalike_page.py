"""The page of look-alikes: pairs of faces side by side, in one file that loads nothing."""

import polars as pl
from markupsafe import Markup

from facegap.report.page.page import FONTS, environment, with_font
from facegap.report.page.thumbnails import thumbnail
from facegap.report.text.names import SUSPICIONS, suspicion_words
from facegap.run.progress import Progress, silent


def lookalike_page(found: pl.DataFrame, *, name: str, images: bool = True, progress: Progress = silent) -> str:
    """Return the page of look-alikes as HTML; `found` is in the columns of `facegap.jobs.lookalike.LOOKALIKE_SCHEMA`.

    `name`: of the images that were compared. `images=False` leaves every face out.
    """
    faces = _thumbnails(found, progress) if images else None
    models = {
        model: {
            suspicion_words(kind): rows.to_dicts()
            for kind in ("", *SUSPICIONS)
            if (rows := found.filter(model=model, suspicion=kind)).height
        }
        for model in found["model"].unique(maintain_order=True)
    }
    template = environment({}).get_template("lookalikes.html.j2")
    return with_font(template.render(name=name, models=models, faces=faces, fonts=Markup(FONTS)))


def _thumbnails(found: pl.DataFrame, progress: Progress) -> dict[str, str | None]:
    """Return the data URI of each image file, None for those that cannot be read."""
    paths = list(dict.fromkeys((*found["path_a"], *found["path_b"])))
    faces = {}
    for done, path in enumerate(paths, start=1):
        faces[path] = thumbnail(path)
        progress("thumbnails", done, len(paths))
    return faces
