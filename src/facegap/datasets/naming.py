"""Who is in an image, as the name of its file says: a regular expression of the user's, or one for a known data set."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from facegap.data.finding import FindingCode
from facegap.datasets.images import FoundImages
from facegap.datasets.part import InputPart, part_of_folder
from facegap.errors import InputError, nphrase
from facegap.run.text import clean

SUBJECT = "subject"
"""The group of a pattern that is the subject; every other named group is an attribute."""

READY = {
    "fgnet": r"(?:^|/)(?P<subject>\d{3})[Aa](?P<age>\d{2})[a-z]?\.\w+$",
    "cfd": r"(?:^|/)CFD-(?P<subject>(?P<race>[A-Z])(?P<sex>[MF])-\d+)-\d+-(?P<expression>[A-Z]+)\.\w+$",
    "morph": r"(?:^|/)(?P<subject>\d+)_\d+(?P<sex>[MF])(?P<age>\d+)\.\w+$",
    "agedb": r"(?:^|/)\d+_(?P<subject>[^/_]+)_(?P<age>\d+)_(?P<sex>[fm])\.\w+$",
    "utk": r"(?:^|/)(?P<age>\d+)_(?P<sex>[01])_(?P<race>[0-4])_(?P<subject>\d+)(?:\.jpg)?(?:\.chip)?\.\w+$",
    "lfw-flat": r"(?:^|/)(?P<subject>[^/]*[^\W\d_][^/]*)_\d{4}\.\w+$",
    "numbered": r"(?:^|/)(?P<subject>[^/]*?[^\W\d_](?:[^/]*?(?=[\s_.(-]))?)[\s_.(-]*\d+\)?\.\w+$",
}
"""Patterns of known data sets, the most special one first; `numbered` is any name with a number at its end."""

CELEBA = "celeba"
"""CelebA's names hold no subject: these stand in a file of its own."""


@dataclass(frozen=True)
class Naming:
    """A pattern that is searched for in the path of each image below its folder, with `/` between the parts."""

    text: str
    pattern: re.Pattern[str]

    def groups(self, image: tuple[str, ...]) -> dict[str, str] | None:
        """Return the subject of an image and its attributes, or None where the pattern does not fit."""
        found = self.pattern.search("/".join(image))
        return None if found is None else {name: clean(value or "") for name, value in found.groupdict().items()}


def parse_naming(text: str) -> Naming:
    """Return the pattern that `--subject-from` names or holds.

    Raises:
        InputError: it is no regular expression, or has no group `subject`.
    """
    if text == CELEBA:
        raise InputError(
            "the names of CelebA hold no subject: give its list as the input, "
            "e.g. facegap evaluate identity_CelebA.txt --image-root img_align_celeba"
        )
    try:
        pattern = re.compile(READY.get(text, text))
    except re.error as error:
        raise InputError(
            "--subject-from {text!r} is no regular expression ({error}): mend it", text=text, error=error
        ) from None
    if SUBJECT not in pattern.groupindex:
        raise InputError(
            "--subject-from {text!r} has no group named subject: write (?P<subject>...) for it, or give one of {known}",
            text=text,
            known=", ".join([*READY, CELEBA]),
        )
    if "path" in pattern.groupindex:
        raise InputError(
            "--subject-from {text!r} has a group named path, which is kept for the image: rename it", text=text
        )
    return Naming(text, pattern)


def read_named(found: FoundImages, naming: Naming) -> InputPart:
    """Return the images anywhere below a folder that the pattern fits.

    Raises:
        InputError: it fits none of the images that there are.
    """
    groups = {image: fitted for image in found.images if (fitted := naming.groups(image)) is not None}
    if found.images and not groups:
        raise InputError(
            "--subject-from {pattern!r} fits none of {images} in {root}, {image!r} for one: mend the pattern",
            pattern=naming.text,
            images=nphrase("{n} image", "{n} images", len(found.images)),
            root=found.root,
            image="/".join(found.images[0]),
        )
    names = [name for name in naming.pattern.groupindex if name != SUBJECT]
    return part_of_folder(
        found,
        {image: fitted[SUBJECT] for image, fitted in groups.items()},
        layout="subject-from",
        how=f"subjects from names by {naming.text}",
        elsewhere=FindingCode.NAMES_THAT_DO_NOT_FIT,
        nameless=FindingCode.EMPTY_SUBJECT,
        attributes={name: {image: fitted[name] for image, fitted in groups.items()} for name in names},
    )


def other_reading(images: Sequence[tuple[str, ...]], subjects: Sequence[str]) -> tuple[str, int] | None:
    """Return a ready pattern that fits all images and groups them in another way, and how many subjects it finds.

    `subjects`: as the images are grouped now. None: there is no such pattern, or it makes one subject of all.
    """
    for name, text in READY.items():
        naming = Naming(name, re.compile(text))
        found = [groups[SUBJECT] for image in images if (groups := naming.groups(image)) is not None]
        if len(found) < len(images) or len(set(found)) < 2:
            continue
        # Two groupings are the same where each group of one is a group of the other.
        if not len(set(zip(found, subjects, strict=True))) == len(set(found)) == len(set(subjects)):
            return name, len(set(found))
    return None
