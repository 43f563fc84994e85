"""Which inputs and options go together."""

from pathlib import Path

from facegap.datasets.discover import LAYOUTS
from facegap.datasets.inputs import Input
from facegap.datasets.layouts import FILES
from facegap.datasets.naming import Naming
from facegap.datasets.part import InputPart
from facegap.errors import InputError
from facegap.run.places import is_folder
from facegap.run.text import both
from facegap.run.visible import is_unicode


def check_options(layout: str | None, images: Path | None, naming: Naming | None) -> None:
    """Refuse options that no input fits.

    Raises:
        InputError: the layout is unknown or stands against the naming, or `images` is no folder.
    """
    if layout is not None and naming is not None:
        raise InputError(
            "--layout {layout} and --subject-from both say who is in an image: give one of them", layout=layout
        )
    if layout is not None and layout not in LAYOUTS:
        raise InputError(
            "unknown layout {layout!r}: expected one of {layouts}", layout=layout, layouts=", ".join(LAYOUTS)
        )
    if images is not None and not (is_unicode(str(images)) and is_folder(images)):
        raise InputError(
            "{images!a}, where the images should lie, is no folder: give the folder that paths start at",
            images=str(images),
        )


def check_parts(
    named: list[Input], parts: list[InputPart], images: Path | None, sample: int | None, most_images: int | None
) -> None:
    """Refuse inputs that cannot be read together.

    Raises:
        InputError: they cannot, or there is no image in any of them.
    """
    layouts = {part.layout for part in parts}
    if "pairs" in layouts and len(layouts) > 1:
        raise InputError("a list of pairs cannot be combined with other inputs: give lists of pairs alone")
    if "pairs" in layouts and sample is not None:
        raise InputError("a sample cannot be drawn from a list of pairs, which says what to compare: leave it out")
    if "pairs" in layouts and most_images is not None:
        raise InputError(
            "the images of a subject cannot be limited in a list of pairs, which says what to compare: leave it out"
        )
    if "scores" in layouts:
        _check_scores(parts, layouts, images, sample, most_images)
        return
    if "embeddings" in layouts and len(layouts) > 1:
        raise InputError("saved embeddings cannot be combined with images: give one or the other")
    dimensions = sorted({part.vectors.shape[1] for part in parts if part.vectors is not None})
    if len(dimensions) > 1:
        raise InputError(
            "embeddings of {dimensions} dimensions cannot be compared: give those of one model",
            dimensions=both(map(str, dimensions)),
        )
    if images is not None and not layouts & {one.name for one in FILES if one.of_images}:
        raise InputError(
            "the folder {images} is for the paths of a table or a list of pairs, and none was given", images=images
        )
    if not any(part.frame.height for part in parts):
        raise InputError(
            "no images in {places}: give a folder of photos",
            places=", ".join(str(each.path) for each in named),
            findings=[finding for part in parts for finding in part.findings],
        )


def _check_scores(
    parts: list[InputPart], layouts: set[str], images: Path | None, sample: int | None, most_images: int | None
) -> None:
    if len(layouts) > 1:
        raise InputError(
            "scores cannot be combined with other inputs: give them alone, or beside images as --model NAME=SCORES"
        )
    if sample is not None or most_images is not None:
        raise InputError("images cannot be drawn from a list of scores, which says what was compared: leave it out")
    if images is not None:
        raise InputError(
            "the folder {images} is for the paths of a table or a list of pairs, and none was given", images=images
        )
    if len(parts) > 1 and not all(part.frame.height for part in parts):
        raise InputError("scores of images that are not known cannot be combined: evaluate each file alone")
