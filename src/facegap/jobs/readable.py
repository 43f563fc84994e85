"""Which files with the same bytes are pictures: two error pages saved as `.jpg` are no image twice."""

from collections import Counter
from collections.abc import Sequence

from facegap.data.image_file import read_image_file
from facegap.faces import Unreadable, read_photo

LOOK = 64
"""The picture is decoded to so many pixels a side: whether it can be is all that is asked."""


def readable(paths: Sequence[str], hashes: Sequence[str]) -> list[str]:
    """Return the `hashes`, "" in place of those that several files have and that no picture is made of.

    `paths`, `hashes`: N image files and the sha256 of each, "" where it cannot be read. Each content is decoded once.
    """
    count = Counter(hashes)
    first = {image: path for path, image in zip(paths, hashes, strict=True) if image and count[image] > 1}
    pictures = {image: _is_picture(path) for image, path in first.items()}
    return [image if pictures.get(image, True) else "" for image in hashes]


def _is_picture(path: str) -> bool:
    try:
        read_photo(read_image_file(path), max_side=LOOK)
    except (OSError, ValueError, Unreadable, MemoryError):
        return False
    return True
