"""Who a synthetic face is: some sixty numbers, each drawn from a normal distribution about a common mean.

Lengths are in head units: the eyes lie at height 0, the chin at about 1.14, the crown at -1.12; x to the right of
the picture, y down, z towards the viewer. `spread` multiplies every standard deviation, so a small spread gives a
cohort whose faces resemble each other.
"""

from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

import numpy as np

CLIP = 2.2  # in standard deviations: nobody gets a feature that no longer reads as a face

Part = TypeVar("Part")


def normal(mean: float, sd: float) -> Any:
    """Declare a parameter with its mean and its standard deviation at spread 1."""
    return field(metadata={"mean": mean, "sd": sd})


@dataclass(frozen=True)
class Shape:
    """The geometry of head and features, the part of an identity that face models read best."""

    width: float = normal(0.80, 0.050)  # half-width of the head
    chin_y: float = normal(1.14, 0.055)
    jaw_square: float = normal(2.5, 0.35)  # exponent of the outline below the eyes
    taper: float = normal(0.10, 0.07)  # how much the face narrows towards the chin
    chin: float = normal(0.07, 0.03)
    chin_width: float = normal(0.20, 0.05)
    cheek: float = normal(0.06, 0.03)
    eye_x: float = normal(0.335, 0.026)
    eye_y: float = normal(0.0, 0.03)
    eye_width: float = normal(0.160, 0.016)
    eye_open: float = normal(0.062, 0.012)
    eye_tilt: float = normal(-0.06, 0.09)
    lid_curve: float = normal(0.8, 0.2)
    lid_crease: float = normal(0.5, 0.3)
    socket: float = normal(0.10, 0.035)
    brow_y: float = normal(0.205, 0.030)  # above the eye
    brow_arch: float = normal(0.035, 0.025)
    brow_thick: float = normal(0.034, 0.011)
    brow_tilt: float = normal(-0.01, 0.08)
    brow_length: float = normal(0.215, 0.02)
    brow_dark: float = normal(0.75, 0.15)
    brow_ridge: float = normal(0.04, 0.025)
    nose_y: float = normal(0.46, 0.04)
    nose_height: float = normal(0.23, 0.05)
    nose_width: float = normal(0.125, 0.022)
    nose_bridge: float = normal(0.098, 0.018)
    nose_root: float = normal(0.27, 0.12)
    nose_tip: float = normal(0.0, 0.035)
    mouth_y: float = normal(0.73, 0.030)
    mouth_width: float = normal(0.265, 0.030)
    upper_lip: float = normal(0.052, 0.014)
    lower_lip: float = normal(0.074, 0.016)
    lip_bow: float = normal(0.012, 0.008)
    mouth_curve: float = normal(0.010, 0.018)  # how far the corners are lifted at rest
    fold: float = normal(0.35, 0.3)  # nose-to-mouth fold
    eye_bag: float = normal(0.3, 0.25)
    skew_eye: float = normal(0.0, 0.012)  # the skews shift the right half against the left
    skew_brow: float = normal(0.0, 0.012)
    skew_mouth: float = normal(0.0, 0.012)
    skew_nose: float = normal(0.0, 0.012)


@dataclass(frozen=True)
class Complexion:
    """Colours and marks of skin, lips, eyes and hair. `stubble` and `freckles` below 0 mean none."""

    tone: float = normal(0.5, 0.26)  # 0 darkest skin, 1 lightest
    warmth: float = normal(0.0, 1.0)
    lip_red: float = normal(0.5, 0.25)
    lip_dark: float = normal(0.5, 0.2)
    hair_tone: float = normal(0.35, 0.28)  # 0 black, 1 blond
    hair_red: float = normal(0.3, 0.25)
    iris: float = normal(0.5, 0.35)
    blush: float = normal(0.4, 0.3)
    stubble: float = normal(-0.4, 0.55)
    freckles: float = normal(-0.5, 0.9)


@dataclass(frozen=True)
class HairStyle:
    """The cut of the hair, and the ears it may hide. A `fringe` below 0.3 means none."""

    line: float = normal(-0.62, 0.10)  # height of the hairline in the middle of the forehead
    temple: float = normal(0.55, 0.25)
    volume: float = normal(0.12, 0.05)
    length: float = normal(0.2, 0.9)
    fringe: float = normal(-0.5, 0.9)
    parting: float = normal(0.0, 0.35)
    side_x: float = normal(0.80, 0.07)
    ear: float = normal(0.17, 0.03)


@dataclass(frozen=True)
class Mole:
    """A mole on the skin: place and radius in head units."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Identity:
    """One synthetic subject. `texture_seed` fixes the skin mottle and the strands of the hair."""

    shape: Shape
    complexion: Complexion
    hair: HairStyle
    moles: tuple[Mole, ...]
    texture_seed: int


def draw_identity(rng: np.random.Generator, *, spread: float = 0.8, geometry_spread: float | None = None) -> Identity:
    """Draw a subject.

    `spread` multiplies the standard deviation of every parameter; `geometry_spread`, where given, takes its place for
    the shape. The same generator state gives the same subject scaled differently, whatever the spreads.
    """
    shape = _draw(Shape, rng, spread if geometry_spread is None else geometry_spread)
    complexion = _draw(Complexion, rng, spread)
    hair = _draw(HairStyle, rng, spread)
    texture_seed = int(rng.integers(2**32))
    return Identity(shape, complexion, hair, _draw_moles(rng, spread), texture_seed)


def _draw(part: type[Part], rng: np.random.Generator, spread: float) -> Part:
    parameters = fields(part)  # pyright: ignore[reportArgumentType]
    z = np.clip(rng.standard_normal(len(parameters)), -CLIP, CLIP).tolist()
    return part(*(p.metadata["mean"] + spread * p.metadata["sd"] * z_p for p, z_p in zip(parameters, z, strict=True)))


def _draw_moles(rng: np.random.Generator, spread: float) -> tuple[Mole, ...]:
    x, y, radius = rng.uniform((-0.55, -0.5, 0.012), (0.55, 0.95, 0.022), (int(rng.poisson(1.2 * spread)), 3)).T
    return tuple(Mole(*mole) for mole in zip(x.tolist(), y.tolist(), radius.tolist(), strict=True))
