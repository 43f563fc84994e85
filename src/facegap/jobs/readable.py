"""Which files with the same bytes are pictures: two error pages saved as `.jpg` are no image twice."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from facegap.data.digests import Digests
from facegap.data.image_file import read_image_file
from facegap.faces import Unreadable, read_photo

LOOK = 64
"""The picture is decoded to so many pixels a side: whether it can be is all that is asked."""


def readable(paths: pl.Series, hashes: Sequence[str]) -> Digests:
    """Return the `hashes`, "" in place of those that several files have and that no picture is made of.

    `paths`, `hashes`: N image files and the sha256 of each, "" where it cannot be read. Each content is decoded once.
    """
    found = Digests.of(hashes)
    first = found.first_rows()
    repeated = np.unique(first[first != np.arange(len(first))]).tolist()
    others = [row for row in repeated if not _is_picture(paths[row])]
    return found.without(np.isin(first, others)) if others else found


def _is_picture(path: str) -> bool:
    try:
        read_photo(read_image_file(path), max_side=LOOK)
    except (OSError, ValueError, Unreadable, MemoryError):
        return False
    return True
