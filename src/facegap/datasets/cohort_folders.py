"""A folder of cohorts, each with a folder per subject, as RFW and BFW come: `African/m.01/m.01_0001.jpg`."""

from collections.abc import Iterator, Sequence

from facegap.data.finding import Finding, FindingCode
from facegap.data.input_summary import InputCode
from facegap.data.statement import Statement
from facegap.datasets.folders import MOST_COHORTS
from facegap.datasets.images import FoundImages
from facegap.datasets.part import InputPart, part_of_folder
from facegap.run.text import clean

MOSTLY = 0.9
"""The layout is that of at least so many of the images in subfolders."""


def without_wrapping(found: FoundImages, depth: int) -> FoundImages:
    """Return the images below folders that hold all of them, such as `data`, while `depth` folders are left."""
    while found.images and len({image[0] for image in found.images}) == 1 and min(map(len, found.images)) > depth + 1:
        found = found.below()
    return found


def are_cohort_folders(found: FoundImages) -> bool:
    """Return whether the folders below the subfolders are the subjects.

    They are where most images lie at least two folders deep, the outer folders are few and the inner ones are more
    than these: sessions and cameras within the folder of a subject, `Sato/front`, have few names.
    """
    nested = [image for image in found.images if len(image) > 1]
    deep = [image for image in nested if len(image) > 2]
    outer, inner = {image[0] for image in deep}, {image[1] for image in deep}
    return bool(deep) and len(deep) >= MOSTLY * len(nested) and 2 <= len(outer) <= min(MOST_COHORTS, len(inner) - 1)


def read_cohort_folders(found: FoundImages) -> InputPart:
    """Return the images anywhere below the inner folders, each a subject in the cohort of its outer folder."""
    deep = [image for image in found.images if len(image) > 2]
    cohorts = {image: clean(image[0]) for image in deep}
    return part_of_folder(
        found,
        {image: clean(image[1]) if cohorts[image] else "" for image in deep},
        layout="cohort-folders",
        how=Statement.of(InputCode.COHORT_FOLDERS, folders=len(set(cohorts.values()))),
        elsewhere=FindingCode.OUTSIDE_SUBJECT_FOLDERS,
        nameless=FindingCode.IN_BLANK_FOLDER,
        attributes={"cohort": cohorts},
        unsure=list(_doubts(str(found.root), deep)),
    )


def _doubts(place: str, images: Sequence[tuple[str, ...]]) -> Iterator[Finding]:
    """Yield which folders are taken for the people, and what else they may be."""
    if not images:
        return
    first = min(images)
    yield Finding.of(FindingCode.COHORTS_OR_SUBJECTS, place=place, cohort=first[0], subject=first[1])
    deeper = {image[:3] for image in images if len(image) > 3}
    if deeper:
        example = "/".join(min(deeper))
        yield Finding.of(FindingCode.FOLDERS_IN_COHORT_SUBJECTS, place=place, folders=len(deeper), example=example)
