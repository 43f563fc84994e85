"""A folder with one subfolder per subject, as LFW and VGGFace2 come."""

from facegap.datasets.images import FoundImages
from facegap.datasets.part import InputPart, part_of_folder
from facegap.run.text import clean


def read_folders(found: FoundImages) -> InputPart:
    """Return the images anywhere below the subfolders; each subfolder is a subject and bears its name."""
    nested = [image for image in found.images if len(image) > 1]
    return part_of_folder(
        found,
        {image: clean(image[0]) for image in nested},
        layout="folders",
        how="a folder per subject",
        elsewhere="in the folder itself, as only those in subfolders have a subject",
        nameless="in a subfolder whose name is blank",
    )
