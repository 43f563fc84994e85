"""A folder with one subfolder per subject, as LFW and VGGFace2 come."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePath

from facegap.data.finding import Finding, FindingCode
from facegap.data.input_summary import InputCode
from facegap.data.statement import Statement
from facegap.datasets.images import FoundImages
from facegap.datasets.part import InputPart, part_of_folder
from facegap.run.text import clean

MOST_COHORTS = 20
"""More folders than so many are people; a data set is hardly split into more cohorts."""


def read_folders(found: FoundImages) -> InputPart:
    """Return the images anywhere below the subfolders; each subfolder is a subject and bears its name."""
    nested = [image for image in found.images if len(image) > 1]
    return part_of_folder(
        found,
        {image: clean(image[0]) for image in nested},
        layout="folders",
        how=Statement.of(InputCode.SUBJECT_FOLDERS),
        elsewhere=FindingCode.IN_FOLDER_ITSELF,
        nameless=FindingCode.IN_BLANK_SUBFOLDER,
        unsure=list(_doubts(str(found.root), nested)),
    )


def _doubts(place: str, images: list[tuple[str, ...]]) -> Iterator[Finding]:
    """Yield why the subfolders may be no subjects: they hold folders, or files named after several people each."""
    inner = {image[:2] for image in images if len(image) > 2}
    if inner:
        example = "/".join(min(inner))
        yield Finding.of(FindingCode.FOLDERS_IN_SUBJECTS, place=place, folders=len(inner), example=example)
        return
    stems: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for folder, name in images:
        prefix, separator, _ = PurePath(name).stem.partition("_")
        if separator and not prefix.isdecimal():
            stems[folder][prefix] += 1
    folders = {image[0] for image in images}
    people = {folder: {name for name, n in own.items() if n > 1} for folder, own in stems.items()}
    every = [name for names in people.values() for name in names]
    # Words such as `left` and `front` come back in other folders; people do not.
    if (
        1 <= len(folders) <= MOST_COHORTS
        and len(set(every)) == len(every) >= 2 * len(folders)
        and len(people) == len(folders)
    ):
        yield Finding.of(FindingCode.SEVERAL_PEOPLE_IN_FOLDERS, place=place, people=sorted(every)[:2])
