"""Everything in the photo but head and hair: background, neck, shirt and ears."""

import numpy as np

from facegap.synthetic.fields import Field, cover, disc, noise, smoothstep, stroke
from facegap.synthetic.head import Solid, View
from facegap.synthetic.identity import Identity
from facegap.synthetic.shot import Shot


def paint_background(rng: np.random.Generator, size: int) -> Field:
    """Give an empty picture (size * size, 3): a gradient between two muted colours, with slow noise."""
    first, second = (rng.uniform(0.18, 0.85) + rng.uniform(-0.10, 0.10, 3) for _ in range(2))
    turn = rng.uniform(0.0, 2.0 * np.pi)
    rows, columns = np.indices((size, size), dtype=np.float32).reshape(2, -1) * (1.0 / size)
    along = smoothstep(-0.7, 0.7, (columns - 0.5) * float(np.cos(turn)) + (rows - 0.5) * float(np.sin(turn)))[:, None]
    picture = first.astype(np.float32) * (1.0 - along) + second.astype(np.float32) * along
    return picture * (1.0 + 0.07 * noise(rng, columns * 3.0, rows * 3.0))[:, None]


def paint_body(
    identity: Identity, shot: Shot, view: View, skin: Field, rng: np.random.Generator, picture: Field
) -> None:
    """Paint the neck and a shirt of a random colour."""
    shirt = (rng.uniform(0.10, 0.80) + rng.uniform(-0.14, 0.14, 3)).clip(0.03, 0.95).astype(np.float32)
    centre, _ = view.project(0.0, 1.0, -0.20)
    lower = np.flatnonzero(view.y > 0.5)
    x, y = view.x[lower] - centre, view.y[lower]
    layer = picture[lower]
    width = 0.60 * identity.shape.width + 0.45 * smoothstep(1.15, 1.90, y) ** 2
    across = np.clip(x / width, -1.0, 1.0)
    lit = across * shot.light[0] + np.sqrt(1.0 - across * across) * shot.light[2]
    chin = identity.shape.chin_y
    under_chin = 1.0 - 0.50 * (1.0 - smoothstep(chin - 0.15, chin + 0.40, y + 0.25 * np.abs(x)))
    brightness = (shot.ambient + 0.55 * np.maximum(lit + 0.2, 0.0)) * under_chin
    cover(layer, skin * brightness[:, None], smoothstep(-0.02, 0.02, width - np.abs(x)))

    side = np.abs(x)
    collar = np.maximum(1.68 - 0.95 * x * x, 1.42 + 0.42 * smoothstep(0.35, 1.8, side))
    cloth = (shot.ambient + 0.40 * np.maximum(x * (0.5 * shot.light[0]) + 0.75, 0.0)) * (
        1.0 - 0.16 * stroke(y - collar - 0.07, 0.022)
    )
    cover(layer, shirt * cloth[:, None], smoothstep(-0.02, 0.02, y - collar))
    picture[lower] = layer


def paint_ears(identity: Identity, shot: Shot, view: View, skin: Field, picture: Field) -> None:
    """Paint both ears; the head, painted later, hides their inner halves."""
    height = identity.hair.ear
    level = np.array([0.10], dtype=np.float32)
    reach = float(Solid(identity.shape).axes(level)[0][0])
    for side in (-1.0, 1.0):
        ear_x, ear_y = view.project(side * (reach - 0.005), 0.10, -0.10)
        near = np.flatnonzero((np.abs(view.x - ear_x) < 0.2) & (np.abs(view.y - ear_y) < 1.4 * height))
        out, down = (view.x[near] - ear_x) * side, view.y[near] - ear_y
        out = out + 0.22 * down  # ears lean back at the top
        wide = 0.62 * height * (1.0 - 0.18 * smoothstep(0.0, height, down))
        whole = disc(out / wide, down, 1.0, height, 0.10)
        shell = disc(out - 0.018, down + 0.10 * height, 0.36 * height, 0.66 * height, 0.35)
        hollow = disc(out, down - 0.05 * height, 0.24 * height, 0.40 * height, 0.5)
        lit = shot.ambient + 0.45 * max(0.35 * side * shot.light[0] + 0.75 * shot.light[2], 0.0)
        brightness = lit * (1.0 - 0.20 * shell - 0.30 * hollow)
        warm = skin * np.array((1.03, 0.93, 0.92), dtype=np.float32)
        layer = picture[near]
        cover(layer, warm * brightness[:, None], whole)
        picture[near] = layer
