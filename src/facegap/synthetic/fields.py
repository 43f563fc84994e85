"""Smooth scalar fields: the brushes everything is painted with. All take and give float32 arrays.

Parameters are Python floats on purpose: one float64 NumPy scalar would turn a whole picture into float64.
"""

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating]  # float32 always: NumPy's type stubs cannot tell, a test does
Colour = tuple[float, float, float]


def smoothstep(low: float, high: float, value: Field) -> Field:
    """Rise smoothly from 0 at `low` to 1 at `high`."""
    t = np.clip((value - low) * (1.0 / (high - low)), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bump(x: Field, y: Field, width: float, height: float) -> Field:
    """A Gaussian hill of height 1 at the origin."""
    x, y = x * (1.0 / width), y * (1.0 / height)
    return np.exp(-(x * x) - y * y)


def stroke(distance: Field, width: float) -> Field:
    """A Gaussian line: 1 at distance 0."""
    distance = distance * (1.0 / width)
    return np.exp(-distance * distance)


def disc(x: Field, y: Field, width: float, height: float, softness: float) -> Field:
    """1 inside the ellipse with half-axes `width` and `height`, 0 outside, soft by a share of the radius."""
    x, y = x * (1.0 / width), y * (1.0 / height)
    return 1.0 - smoothstep(1.0 - softness, 1.0 + softness, np.sqrt(x * x + y * y))


def noise(rng: np.random.Generator, x: Field, y: Field, *, cells: int = 32) -> Field:
    """Smooth noise of unit variance at its knots, which lie one unit apart; repeats after `cells` units."""
    knots = rng.standard_normal((cells, cells), dtype=np.float32)
    column, row = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    u, v = x - column, y - row
    u, v = u.astype(np.float32), v.astype(np.float32)
    left, right, top, bottom = column % cells, (column + 1) % cells, row % cells, (row + 1) % cells
    upper = knots[top, left] * (1.0 - u) + knots[top, right] * u
    lower = knots[bottom, left] * (1.0 - u) + knots[bottom, right] * u
    return upper * (1.0 - v) + lower * v


def ramp(stops: Field, value: float) -> NDArray[np.float32]:
    """Read the colour at `value` (0 to 1) from evenly spaced colour stops (n, 3)."""
    at = np.linspace(0.0, 1.0, len(stops))
    return np.array([np.interp(value, at, channel) for channel in stops.T], dtype=np.float32)


def cover(ground: Field, paint: Field | Colour, alpha: Field) -> None:
    """Lay `paint`, one colour or (n, 3), over `ground` (n, 3) in place, with opacity `alpha` (n,)."""
    ground += (np.asarray(paint, dtype=np.float32) - ground) * alpha[:, None]
