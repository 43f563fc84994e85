"""A folder of images named after their subjects: `Tanaka_001.png`."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from facegap.datasets.images import FoundImages
from facegap.datasets.naming import other_reading
from facegap.datasets.part import InputPart, part_of_folder
from facegap.run.text import clean, counted


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
        how="file-name prefixes",
        elsewhere="in subfolders, as only those in the folder itself are named after subjects",
        nameless="with no subject before the first `_` of their names",
        unsure=list(_doubts(subjects)),
    )


def _doubts(subjects: Mapping[tuple[str, ...], str]) -> Iterator[str]:
    """Yield why the file names may mean other subjects than what stands before their first `_`."""
    images, names = list(subjects), list(subjects.values())
    found, other = len(set(names)), other_reading(images, names)
    alone = 1 < len(images) == found
    unparted = alone and not any("_" in image[0] for image in images)
    if other is None and not unparted:
        return
    if unparted:
        why = "no name holds a `_`, so every file is a subject of its own"
    elif alone:
        why = "no two names begin alike before their first `_`, so every file is a subject of its own"
    else:
        why = "what stands before the first `_` of a name may not be the whole subject"
    remedy = "--subject-from REGEX says what the subject is in a name"
    if other is not None:
        ready, count = other
        remedy = f"--subject-from {ready} reads {counted(count, 'subject')} in these names, not the {found} read now"
    yield f"{why} ({images[0][0]!r}); {remedy}"
