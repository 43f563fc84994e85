"""A folder of images named after their subjects: `Tanaka_001.png`."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from facegap.data.finding import Finding, FindingCode
from facegap.data.input_summary import InputCode
from facegap.data.statement import Statement
from facegap.datasets.images import FoundImages
from facegap.datasets.naming import other_reading
from facegap.datasets.part import InputPart, part_of_folder
from facegap.run.text import clean


def read_prefix(found: FoundImages) -> InputPart:
    """Return the images that lie directly in the folder; the subject is the file name before the first `_`.

    A name without `_` is the subject as a whole.
    """
    flat = [image for image in found.images if len(image) == 1]
    subjects = {image: clean(PurePath(image[0]).stem.partition("_")[0]) for image in flat}
    return part_of_folder(
        found,
        subjects,
        layout="prefix",
        how=Statement.of(InputCode.PREFIXES),
        elsewhere=FindingCode.IN_SUBFOLDERS,
        nameless=FindingCode.BLANK_PREFIX,
        unsure=list(_doubts(str(found.root), subjects)),
    )


def _doubts(place: str, subjects: Mapping[tuple[str, ...], str]) -> Iterator[Finding]:
    """Yield why the file names may mean other subjects than what stands before their first `_`."""
    images, names = list(subjects), list(subjects.values())
    found, other = len(set(names)), other_reading(images, names)
    alone = 1 < len(images) == found
    unparted = alone and not any("_" in image[0] for image in images)
    if other is None and not unparted:
        return
    why = "no-separator" if unparted else "none-alike" if alone else "in-part"
    pattern, subjects_by_it = other or ("", 0)
    yield Finding.of(
        FindingCode.UNSURE_PREFIX,
        place=place, why=why, example=images[0][0], subjects=found, pattern=pattern, by_pattern=subjects_by_it,
    )  # fmt: skip
