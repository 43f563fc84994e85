"""Eyes, brows, nostrils and mouth, painted on the skin in head coordinates so that they turn with the head."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegap.synthetic.fields import Colour, Field, bump, cover, disc, noise, ramp, smoothstep, stroke
from facegap.synthetic.identity import Identity
from facegap.synthetic.shot import Shot

IRISES = np.array([(38, 24, 16), (70, 44, 26), (104, 78, 42), (92, 106, 74), (88, 118, 146)], dtype=np.float32) / 255
DARK: Colour = (0.055, 0.035, 0.03)
SOFT = 0.014  # width of painted edges, about one pixel


@dataclass(frozen=True)
class Canvas:
    """Skin at head coordinates `x`, `y` (n,), with its `albedo` (n, 3), which painting changes in place."""

    x: Field
    y: Field
    albedo: Field

    def part(self, where: NDArray[np.bool]) -> "tuple[NDArray[np.intp], Canvas]":
        """Cut out the points where a mask holds; paint there and put the albedo back by the returned index."""
        index = np.flatnonzero(where)
        return index, Canvas(self.x[index], self.y[index], self.albedo[index])


def paint_features(identity: Identity, shot: Shot, skin: Field, hair: Field, canvas: Canvas) -> Field:
    """Paint all features onto `canvas` and give the wetness (n,) of each point: 1 on the eyeball, 0 on skin.

    `skin` and `hair` (3,) are the subject's plain colours.
    """
    shape = identity.shape
    wet = np.zeros_like(canvas.x)
    eyes, patch = canvas.part(np.abs(canvas.y - shape.eye_y + 0.1) < 0.32)
    wet[eyes] = _eyes(identity, shot, skin, patch)
    _brows(identity, shot, skin, hair, patch)
    canvas.albedo[eyes] = patch.albedo
    lower, patch = canvas.part((canvas.y > shape.nose_y - 0.1) & (np.abs(canvas.x) < 0.5))
    _nostrils(identity, skin, patch)
    _mouth(identity, shot, skin, patch)
    canvas.albedo[lower] = patch.albedo
    return wet


def _eyes(identity: Identity, shot: Shot, skin: Field, canvas: Canvas) -> Field:
    shape = identity.shape
    right = np.sign(canvas.x)
    out = np.abs(canvas.x) - shape.eye_x
    down = canvas.y - shape.eye_y - shape.skew_eye * right - shape.eye_tilt * out
    along = np.clip(1.0 - (out * (1.0 / shape.eye_width)) ** 2, 0.0, 1.0)
    arc = along ** max(shape.lid_curve, 0.3)
    opening = shape.eye_open * shot.lids
    upper, lower = -1.15 * opening * arc, (0.85 - 0.12 * min(shot.smile, 1.5)) * shape.eye_open * arc
    ball = smoothstep(-SOFT, SOFT, down - upper) * smoothstep(-SOFT, SOFT, lower - down) * smoothstep(0.0, 0.08, along)

    shade = 1.0 - 0.45 * (1.0 - smoothstep(0.0, 0.055, down - upper)) - 0.25 * smoothstep(0.06, 0.16, np.abs(out))
    white = shade[:, None] * np.array((0.80, 0.775, 0.76), dtype=np.float32)
    pale = min(max(identity.complexion.iris, 0.0), 1.0) * min(max(1.6 * identity.complexion.tone, 0.1), 1.0)
    iris = ramp(IRISES, pale)
    look_x, look_y = out - shot.gaze_x * right, down - shot.gaze_y + 0.008
    radius = np.sqrt(look_x * look_x + look_y * look_y)
    ring = iris * (1.10 - 0.55 * smoothstep(0.045, 0.070, radius) - 0.30 * smoothstep(0.0, 0.05, -look_y))[:, None]
    cover(white, ring, 1.0 - smoothstep(0.062, 0.076, radius))
    cover(white, DARK, 1.0 - smoothstep(0.024, 0.036, radius))
    cover(
        white,
        (1.0, 1.0, 1.0),
        0.85 * disc(canvas.x - right * shape.eye_x + 0.022, look_y + 0.026, 0.014, 0.014, 0.5),
    )
    pink = disc(out + 0.95 * shape.eye_width, down, 0.022, 0.02, 0.6)
    cover(white, skin * np.array((1.0, 0.72, 0.70), dtype=np.float32), 0.7 * pink)

    near = smoothstep(0.0, 0.15, along)
    crease = stroke(down - upper + 0.042, 0.011) * near * smoothstep(-0.2, -0.05, out + 0.1)
    cover(canvas.albedo, skin * 0.45, 0.55 * min(max(shape.lid_crease, 0.0), 1.0) * crease)
    cover(canvas.albedo, white, ball)
    lash = stroke(down - upper + 0.004, 0.016) * near
    cover(canvas.albedo, DARK, 0.88 * lash)
    under = stroke(down - lower, 0.011) * near
    cover(canvas.albedo, skin * 0.42, 0.45 * under)
    return ball


def _brows(identity: Identity, shot: Shot, skin: Field, hair: Field, canvas: Canvas) -> None:
    shape = identity.shape
    right = np.sign(canvas.x)
    along = (np.abs(canvas.x) - shape.eye_x - 0.012) * (1.0 / shape.brow_length)
    middle = (
        shape.eye_y
        - shape.brow_y
        - shot.brow_raise
        + shape.skew_brow * right
        + shape.brow_tilt * shape.brow_length * along
        - shape.brow_arch * (1.0 - along * along)
    )
    thick = max(shape.brow_thick, 0.012) * (1.0 - 0.55 * smoothstep(-0.3, 1.0, along))
    strands = noise(np.random.default_rng(identity.texture_seed + 1), along * 16.0 + canvas.y * 30.0, along)
    band = 1.0 - smoothstep(0.55, 1.30, np.abs(canvas.y - middle) / thick + 0.12 * strands)
    ends = smoothstep(-1.10, -0.80, along) * (1.0 - smoothstep(0.80, 1.10, along))
    # Never lighter than this: dark skin with pale brows is a face that detectors miss.
    colour = np.minimum(0.7 * hair + 0.02, 0.42 * skin)
    cover(canvas.albedo, colour, min(max(shape.brow_dark, 0.45), 1.0) * band * ends)


def _nostrils(identity: Identity, skin: Field, canvas: Canvas) -> None:
    shape = identity.shape
    x = canvas.x - shape.skew_nose
    out, down = np.abs(x) - 0.50 * shape.nose_width, canvas.y - (shape.nose_y + 0.048)
    hole = disc(out, down - 0.30 * out, 0.042, 0.020, 0.55)
    cover(canvas.albedo, skin * 0.26, 0.80 * hole)
    wing = bump(np.abs(x) - 1.28 * shape.nose_width, down + 0.045, 0.014, 0.045)
    cover(canvas.albedo, skin * 0.5, 0.35 * wing)


def _mouth(identity: Identity, shot: Shot, skin: Field, canvas: Canvas) -> None:
    shape, complexion = identity.shape, identity.complexion
    width = shape.mouth_width * (1.0 + 0.16 * min(shot.smile, 1.5))
    lift = shape.mouth_curve + 0.05 * min(shot.smile, 1.5)
    across = np.clip(np.abs(canvas.x - shape.skew_mouth) * (1.0 / width), 0.0, 1.2)
    inside = np.clip(1.0 - across * across, 0.0, 1.0)
    line = shape.mouth_y - lift * across * across + 0.3 * lift
    gap = shot.mouth_open * inside
    bow = shape.lip_bow * (stroke(across, 0.16) - 0.6 * stroke(across - 0.25, 0.16))
    top = line - 0.5 * gap - max(shape.upper_lip, 0.02) * inside**0.75 + bow * inside
    bottom = line + 0.5 * gap + max(shape.lower_lip, 0.03) * inside**0.65
    y = canvas.y

    red = np.array((0.95, 0.66, 0.63), dtype=np.float32) * skin
    rich = np.array((0.86, 0.42, 0.42), dtype=np.float32) * skin + np.array((0.05, 0.0, 0.01), dtype=np.float32)
    lip_red, lip_dark = (min(max(value, 0.0), 1.0) for value in (complexion.lip_red, complexion.lip_dark))
    colour = (red * (1.0 - lip_red) + rich * lip_red) * (1.12 - 0.30 * lip_dark)
    lips = smoothstep(-SOFT, SOFT, y - top) * smoothstep(-SOFT, 1.5 * SOFT, bottom - y) * smoothstep(0.0, 0.08, inside)
    tint = colour * (1.0 - 0.16 * smoothstep(-0.01, 0.01, line - y))[:, None]
    cover(canvas.albedo, tint, 0.88 * lips)
    if shot.mouth_open > 0.0:
        hole = smoothstep(-SOFT, SOFT, 0.5 * gap - np.abs(y - line)) * smoothstep(0.0, 0.1, inside)
        cover(canvas.albedo, (0.16, 0.06, 0.06), hole)
        teeth = smoothstep(-SOFT, SOFT, line + 0.12 * gap - y) * (1.0 - smoothstep(0.5, 0.8, across))
        cover(canvas.albedo, (0.82, 0.79, 0.74), 0.8 * teeth * hole)
    dark = stroke(y - line, 0.012) * smoothstep(0.0, 0.15, inside)
    cover(canvas.albedo, colour * 0.32, 0.85 * dark)
