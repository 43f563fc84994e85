"""A folder of cohorts, each with a folder per subject, as RFW and BFW come: `African/m.01/m.01_0001.jpg`."""

from collections.abc import Iterator, Sequence

from facegap.datasets.folders import MOST_COHORTS
from facegap.datasets.images import FoundImages
from facegap.datasets.part import InputPart, part_of_folder
from facegap.run.text import clean, counted

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
        how=f"{counted(len(set(cohorts.values())), 'folder')} of cohorts, each with a folder per subject",
        elsewhere="outside the folders of subjects, COHORT/SUBJECT/",
        nameless="in a folder whose name is blank",
        attributes={"cohort": cohorts},
        unsure=list(_doubts(deep)),
    )


def _doubts(images: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield which folders are taken for the people, and what else they may be."""
    if not images:
        return
    first = min(images)
    yield (
        f"folders in folders: {first[0]!r} is taken for a cohort and {first[1]!r} for a subject; where the outer "
        "folders are the people, use --layout folders"
    )
    deeper = {image[:3] for image in images if len(image) > 3}
    if deeper:
        yield (
            f"subject folders hold folders, {counted(len(deeper), 'folder')} such as {'/'.join(min(deeper))!r}; where "
            "these are the people, use --subject-from '([^/]+/){2}(?P<subject>[^/]+)/'"
        )
