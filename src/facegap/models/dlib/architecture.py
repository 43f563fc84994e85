"""The one shape that dlib's face networks have, with the counts and the numbers left open."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

SIZE = 150
"""Side in pixels of the image that these networks take."""

DIVISOR = 256.0
"""By what the pixels are divided once their averages are subtracted."""

Pair = tuple[int, int]
"""Down and across."""

Shape = tuple[int, int, int]
"""Channels, rows, columns."""


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution with the scaling after it folded in.

    `weights`: (filters, channels, rows, columns) float32, applied as cross-correlation. `bias`: (filters,) float32.
    `rectified`: whether max(0, x) follows.
    """

    weights: np.ndarray
    bias: np.ndarray
    stride: Pair
    padding: Pair
    rectified: bool
    output: Shape


@dataclass(frozen=True)
class Pool:
    """A pool over windows of `window` numbers."""

    kind: Literal["max", "avg"]
    window: Pair
    stride: Pair
    padding: Pair
    output: Shape


@dataclass(frozen=True, eq=False)
class Block:
    """The input, pooled if there is a `shortcut`, plus two convolutions of it.

    Where the two differ in shape, zeros at the end of the smaller make up for it.
    """

    first: Convolution
    second: Convolution
    shortcut: Pool | None
    rectified: bool
    output: Shape


@dataclass(frozen=True, eq=False)
class DlibNetwork:
    """A face network of dlib.

    `averages`: of red, green and blue, subtracted before the division by `DIVISOR`. `weights`: (inputs, D) float32 and
    `bias`: (D,) float32 of the last layer.
    """

    averages: tuple[float, float, float]
    stem: Convolution
    pool: Pool
    blocks: tuple[Block, ...]
    last_pool: Pool
    weights: np.ndarray
    bias: np.ndarray
