"""A folder of images named after their subjects: `Tanaka_001.png`."""

from pathlib import PurePath

from facegap.datasets.images import FoundImages
from facegap.datasets.part import InputPart, part_of_folder
from facegap.run.text import clean


def read_prefix(found: FoundImages) -> InputPart:
    """Return the images that lie directly in the folder; the subject is the file name before the first `_`.

    A name without `_` is the subject as a whole.
    """
    flat = [image for image in found.images if len(image) == 1]
    return part_of_folder(
        found,
        {image: clean(PurePath(image[0]).stem.partition("_")[0]) for image in flat},
        layout="prefix",
        how="file-name prefixes",
        elsewhere="in subfolders, as only those in the folder itself are named after subjects",
        nameless="with no subject before the first `_` of their names",
    )
