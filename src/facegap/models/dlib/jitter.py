"""The slightly moved, turned and mirrored copies over which dlib averages an embedding."""

# dlib's compiled module declares no names to a type checker.
# pyright: reportAttributeAccessIssue=false

import math
from functools import lru_cache

import dlib
import numpy as np

SEED = 5489
"""That of every Mersenne twister which is given none."""

DISCARDED = 10_000
"""Numbers that dlib's generator throws away before its first."""

MARGIN = 3
SHIFT = 0.02
SCALE = (0.97, 0.99999)
DEGREES = 3.0


def jittered(crop: np.ndarray, count: int) -> np.ndarray:
    """Return the copies that dlib's `num_jitters` makes of a crop, as a network of dlib that has seen nothing yet.

    Args:
        crop: (size, size, 3) uint8.
        count: how many.

    Returns:
        (count, size, size, 3) uint8.
    """
    crop = np.ascontiguousarray(crop)  # dlib takes no other
    chips = _chips(len(crop), count)
    moved = [dlib.extract_image_chip(crop, chip)[:, :: -1 if mirrored else 1] for chip, mirrored in chips]
    return np.stack(moved)


@lru_cache(maxsize=8)
def _chips(size: int, count: int) -> "list[tuple[dlib.chip_details, bool]]":
    """Return where each copy lies in a square of `size` pixels, and whether it is mirrored.

    These are the steps of dlib's `jitter_image`. Its own function in Python goes on with the random numbers of earlier
    calls, so that an embedding would depend on what was embedded before it.
    """
    uniform = _Uniform()
    square = dlib.shrink_rect(dlib.rectangle(0, 0, size - 1, size - 1), MARGIN)
    chips = []
    for _ in range(count):
        down = uniform.between(-SHIFT, SHIFT) * square.height()  # before `right`, as GCC evaluates arguments
        right = uniform.between(-SHIFT, SHIFT) * square.width()
        middle = dlib.center(square) + dlib.point(math.floor(right + 0.5), math.floor(down + 0.5))
        side = int(square.height() / uniform.between(*SCALE))
        angle = math.radians(uniform.between(-DEGREES, DEGREES))
        where = dlib.centered_rect(middle, side, side)
        chips.append((dlib.chip_details(where, dlib.chip_dims(size, size), angle), uniform.between(0, 1) > 0.5))
    return chips


class _Uniform:
    """dlib's generator of random numbers in its first state."""

    def __init__(self) -> None:
        self._twister = np.random.RandomState(SEED)  # newer generators seed it in another way
        self._words(DISCARDED)

    def between(self, low: float, high: float) -> float:
        first, second = (int(word) & 0xFFFFFF for word in self._words(2))
        return low + (first * 2**24 + second) / 2**48 * (high - low)

    def _words(self, count: int) -> np.ndarray:
        return self._twister.randint(0, 2**32, count, dtype=np.uint32)
