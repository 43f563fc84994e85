"""The head as a solid: which point of it each pixel sees.

Every horizontal slice of the head is an ellipse with half-width W(y) and half-depth D(y). A pixel's ray meets a slice
in a quadratic equation, so turning the head (yaw) is exact; nodding (pitch) and the relief of the features are solved
by a few rounds of fixed-point iteration.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegap.synthetic.fields import Field, smoothstep
from facegap.synthetic.identity import Shape
from facegap.synthetic.shot import UNIT, Shot

CROWN = -1.12
DEPTH = 0.92
ROUNDS = 4
SETTLED = 0.01
STEP = 0.012  # for slopes by finite differences, about one pixel
EYE_LEVEL = 0.42  # where the eyes lie between the top (0) and the bottom (1) of the picture


@dataclass(frozen=True)
class View:
    """The pixel grid of a photo in head units, and how the head is turned in it. `x`, `y`: (pixels,)."""

    x: Field
    y: Field
    yaw: float
    pitch: float

    @classmethod
    def of(cls, shot: Shot, size: int) -> "View":
        """Lay the grid for a `size` x `size` photo; roll, shift and zoom turn and move the grid."""
        scale = 1.0 / (UNIT * size * shot.zoom)
        rows, columns = np.indices((size, size), dtype=np.float32)
        x = (columns.ravel() - 0.5 * size) * scale - shot.shift_x
        y = (rows.ravel() - EYE_LEVEL * size) * scale - shot.shift_y
        cos, sin = math.cos(shot.roll), math.sin(shot.roll)
        return cls(x * cos + y * sin, y * cos - x * sin, shot.yaw, shot.pitch)

    def project(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Say where a point given in head coordinates appears on the grid."""
        depth = z * math.cos(self.yaw) - x * math.sin(self.yaw)
        return (
            x * math.cos(self.yaw) + z * math.sin(self.yaw),
            y * math.cos(self.pitch) + depth * math.sin(self.pitch),
        )

    def to_head(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """Turn a direction given in camera axes into head axes."""
        y, z = (
            y * math.cos(self.pitch) - z * math.sin(self.pitch),
            y * math.sin(self.pitch) + z * math.cos(self.pitch),
        )
        return (
            x * math.cos(self.yaw) - z * math.sin(self.yaw),
            y,
            x * math.sin(self.yaw) + z * math.cos(self.yaw),
        )


@dataclass(frozen=True)
class Surface:
    """The points of a solid that a photo sees, one per pixel in `pixels` (n,).

    `x`, `y`, `z` are head coordinates, `edge` the opacity (below 1 along the outline); all (n,) float32.
    """

    pixels: NDArray[np.intp]
    x: Field
    y: Field
    z: Field
    edge: Field


@dataclass(frozen=True)
class Solid:
    """A head, or the shell of hair around it: the head grown by `growth`, above the temples only if `cap`."""

    shape: Shape
    growth: float = 0.0
    cap: bool = False

    def axes(self, y: Field) -> tuple[Field, Field]:
        """Give half-width and half-depth of the slice at height `y`."""
        s = self.shape
        below, down = y > 0.0, np.abs(y) * (1.0 / s.chin_y)
        up = np.abs(y) * (1.0 / (self.growth - CROWN))
        outline = np.where(below, np.minimum(down, 1.0) ** s.jaw_square, np.minimum(up, 1.0) ** 2.7)
        width = s.width * np.sqrt(1.0 - outline) * (1.0 - s.taper * smoothstep(0.15, 1.1, y))
        down, up = np.abs(y) * (1.0 / (s.chin_y + 0.02)), np.abs(y) * (1.0 / (self.growth - CROWN + 0.02))
        profile = np.where(below, np.minimum(down, 1.0) ** 3.0, np.minimum(up, 1.0) ** 2.5)
        depth = DEPTH * np.sqrt(1.0 - profile)
        grown: Field | float = self.growth
        if self.cap:
            grown = self.growth * (1.0 - smoothstep(-0.80, -0.15, y))
        # In proportion, so that a grown head closes at the crown instead of ending in a plateau.
        width, depth = width * (1.0 + grown * (1.0 / s.width)), depth * (1.0 + grown * (1.0 / DEPTH))
        return np.maximum(width, 0.02), np.maximum(depth, 0.02)

    def seen(self, view: View, relief: Callable[[Field, Field], Field] | None = None) -> Surface:
        """Meet every pixel's ray with the solid; `relief(x, y)` raises its surface towards the viewer."""
        top, bottom = CROWN - self.growth, self.shape.chin_y
        reach = self.shape.width + self.growth + 0.08
        pixels = np.flatnonzero((np.abs(view.x) < reach) & (view.y > top - 0.2) & (view.y < bottom + 0.2))
        x, y = view.x[pixels], view.y[pixels]
        cos_yaw, sin_yaw, cos_pitch, sin_pitch = (
            f(angle) for angle in (view.yaw, view.pitch) for f in (math.cos, math.sin)
        )
        raised, distance = np.zeros_like(x), np.full_like(x, 0.5 * DEPTH)
        for _ in range(ROUNDS):
            head_y = (y - (distance + raised * cos_yaw) * sin_pitch) * (1.0 / cos_pitch)
            width, depth = self.axes(np.clip(head_y, top, bottom))
            shifted = x - raised * sin_yaw
            wide, deep = 1.0 / (width * width), 1.0 / (depth * depth)
            a = wide * (sin_yaw * sin_yaw) + deep * (cos_yaw * cos_yaw)
            half_b = shifted * (deep - wide) * (sin_yaw * cos_yaw)
            c = shifted * shifted * (wide * (cos_yaw * cos_yaw) + deep * (sin_yaw * sin_yaw)) - 1.0
            inside = (half_b * half_b - a * c) / a
            distance = (np.sqrt(np.maximum(inside * a, 0.0)) - half_b) / a
            head_x = shifted * cos_yaw - distance * sin_yaw
            if relief is not None:
                raised = relief(head_x, head_y)
        head_z = shifted * sin_yaw + distance * cos_yaw + raised
        # Beyond crown and chin the slices are clipped, not empty, and close to them the rounds may not have settled:
        # either would draw splinters.
        settled = np.abs((y - (distance + raised * cos_yaw) * sin_pitch) * (1.0 / cos_pitch) - head_y) < SETTLED
        hit = np.flatnonzero((inside > 0.0) & (head_y > top) & (head_y < bottom) & settled)
        edge = smoothstep(0.0, 0.10, inside[hit]) * smoothstep(top, top + 0.04, head_y[hit])
        return Surface(pixels[hit], head_x[hit], head_y[hit], head_z[hit], edge)

    def normals(self, at: Surface, relief: Callable[[Field, Field], Field] | None = None) -> Field:
        """Give the outward unit normals (n, 3), head axes, at the points of `at`."""
        width, depth = self.axes(at.y)
        wider, deeper = self.axes(at.y + STEP)
        z = at.z - relief(at.x, at.y) if relief is not None else at.z
        across, along = at.x / width, z / depth
        normal = np.stack(
            (
                across / width,
                -(across * across * (wider - width) / width + along * along * (deeper - depth) / depth) * (1.0 / STEP),
                along / depth,
            ),
            axis=1,
        )
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        if relief is not None:
            here = relief(at.x, at.y)
            normal[:, 0] -= (relief(at.x + STEP, at.y) - here) * (1.0 / STEP) * normal[:, 2]
            normal[:, 1] -= (relief(at.x, at.y + STEP) - here) * (1.0 / STEP) * normal[:, 2]
            normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        return normal
