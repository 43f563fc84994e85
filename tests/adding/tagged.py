"""A folder whose file names end in the subject: `1@Aoi.png`."""

from pathlib import PurePath

import polars as pl

from facegap.data.statement import Statement
from facegap.datasets.images import FoundImages
from facegap.datasets.part import InputPart
from facegap.run.text import clean


def are_tagged(found: FoundImages) -> bool:
    """Return whether every file name holds an `@`."""
    return bool(found.images) and all("@" in image[-1] for image in found.images)


def read_tagged(found: FoundImages) -> InputPart:
    """Return the images; the subject is what stands behind the `@`."""
    subjects = [clean(PurePath(image[-1]).stem.rpartition("@")[2]) for image in found.images]
    frame = pl.DataFrame({"path": [found.path(image) for image in found.images], "subject": subjects})
    return InputPart(frame, "tagged", Statement("file names that end in the subject"))
