"""Bare skin: its colour with mottle, blush, freckles, stubble and moles, and the shade that lies in its folds."""

import numpy as np

from facegap.synthetic.fields import Field, bump, cover, disc, noise, ramp, smoothstep
from facegap.synthetic.identity import Identity, Shape
from facegap.synthetic.shot import Shot

TONES = (
    np.array(
        [(70, 44, 32), (104, 66, 47), (146, 98, 70), (188, 138, 104), (220, 171, 138), (241, 205, 180)],
        dtype=np.float32,
    )
    / 255.0
)
DARKEST_TONE = 0.10  # below, too little contrast is left for features to show


def skin_colour(identity: Identity) -> Field:
    """Give the subject's plain skin colour, (3,) in 0 to 1."""
    tone = min(max(identity.complexion.tone, DARKEST_TONE), 1.0)
    warm = identity.complexion.warmth
    return ramp(TONES, tone) * np.array((1.0 + 0.02 * warm, 1.0, 1.0 - 0.035 * warm), dtype=np.float32)


def paint_skin(identity: Identity, x: Field, y: Field) -> Field:
    """Give the skin's albedo (n, 3) at head coordinates `x`, `y` (n,)."""
    shape, complexion = identity.shape, identity.complexion
    texture = np.random.default_rng(identity.texture_seed)
    base, side = skin_colour(identity), np.abs(x)
    mottle = 1.0 + 0.030 * noise(texture, x * 7.0, y * 7.0) + 0.018 * noise(texture, x * 19.0, y * 19.0)
    skin = base * mottle[:, None]
    rosy = base * np.array((1.06, 0.80, 0.80), dtype=np.float32)
    blush = max(complexion.blush, 0.0) * bump(side - 0.47, y - 0.36, 0.17, 0.15)
    cover(skin, rosy, 0.55 * blush + 0.25 * bump(x, y - shape.nose_y, 0.13, 0.09))
    if complexion.freckles > 0.3:
        spots = smoothstep(0.9, 1.5, noise(texture, x * 36.0, y * 36.0))
        where = bump(side - 0.30, y - 0.28, 0.32, 0.20)
        cover(
            skin,
            base * np.array((0.72, 0.58, 0.48), dtype=np.float32),
            0.5 * complexion.freckles * spots * where,
        )
    if complexion.stubble > 0.0:
        grain = 1.0 + 0.35 * noise(texture, x * 45.0, y * 45.0)
        jaw = smoothstep(0.42, 0.68, y + 0.25 * side)
        lip = bump(x, y - (shape.mouth_y - 0.13), 0.22, 0.05)
        beard = np.clip(grain * np.maximum(jaw, lip), 0.0, 1.0) * min(0.55 * complexion.stubble, 0.45)
        cover(skin, base * np.array((0.42, 0.42, 0.46), dtype=np.float32), beard)
    for mole in identity.moles:
        spot = disc(x - mole.x, y - mole.y, mole.radius, mole.radius, 0.5)
        cover(skin, base * np.array((0.42, 0.34, 0.32), dtype=np.float32), 0.75 * spot)
    return skin


def occlusion(shape: Shape, shot: Shot, x: Field, y: Field) -> Field:
    """Give the share of light (n,) that reaches the skin in folds and hollows, which shading would not dim."""
    side = np.abs(x)
    out, down, mouth = side - shape.eye_x, y - shape.eye_y, y - shape.mouth_y
    fold_at = 0.5 * (shape.nose_width + shape.mouth_width) + 0.085 + 0.20 * (y - 0.60)
    fold = min(max(shape.fold, 0.0) + 0.5 * shot.smile, 1.3)
    return (
        (1.0 - 0.17 * bump(out + 1.05 * shape.eye_width, down, 0.07, 0.10))
        * (1.0 - 0.16 * bump(out, down + 1.15 * shape.eye_open + 0.02, 0.17, 0.045))
        * (1.0 - 0.12 * bump(x, y - (shape.nose_y + 0.085), 0.95 * shape.nose_width, 0.040))
        * (1.0 - 0.14 * bump(x, mouth - shape.lower_lip - 0.04, 0.17, 0.04))
        * (1.0 - 0.12 * bump(side - 1.45 * shape.nose_width, y - shape.nose_y, 0.04, 0.07))
        * (1.0 - 0.10 * max(shape.eye_bag, 0.0) * bump(out, down - 0.115, 0.13, 0.03))
        * (1.0 - 0.16 * fold * bump(side - fold_at, y - 0.60, 0.030, 0.11))
    )
