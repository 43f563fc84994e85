"""Hair: a shell grown around the head, cut off at the hairline, and what hangs behind the head where it is long."""

import math

import numpy as np

from facegap.synthetic.fields import Field, bump, cover, noise, ramp, smoothstep, stroke
from facegap.synthetic.head import CROWN, Solid, View
from facegap.synthetic.identity import Identity
from facegap.synthetic.lighting import lambert
from facegap.synthetic.shot import Shot

TONES = np.array([(20, 16, 16), (46, 32, 26), (88, 60, 42), (136, 100, 64), (190, 154, 102)], dtype=np.float32) / 255
RED = np.array((1.25, 0.88, 0.70), dtype=np.float32)
LONG = 0.2  # hair longer than this hangs down; shorter lies on the skull


def hair_colour(identity: Identity) -> Field:
    """Give the subject's plain hair colour, (3,) in 0 to 1.

    Dark skin goes with dark hair: hair lighter than the face is what face detectors miss most, and would plant an
    unintended difference between skin tones.
    """
    complexion = identity.complexion
    toned = np.array([complexion.tone], dtype=np.float32)
    tone = min(max(complexion.hair_tone, 0.0), 1.0) * float(smoothstep(0.05, 0.65, toned)[0])
    plain = ramp(TONES, tone)
    red = min(max(complexion.hair_red, 0.0), 1.0) * min(1.0, 2.0 * tone)
    return plain * (1.0 - red) + plain * RED * red


def is_long(identity: Identity) -> bool:
    """Tell whether the hair hangs down beside the face."""
    return identity.hair.length > LONG


def hairline(identity: Identity, x: Field) -> Field:
    """Give the height down to which hair covers the head at head coordinate `x`."""
    hair, side = identity.hair, np.abs(x)
    recess = 0.16 * max(hair.temple, 0.0) * stroke(side - 0.44, 0.22)
    fall_at = min(hair.side_x, 0.88)
    fall = smoothstep(fall_at - 0.38, fall_at - 0.06, side)
    front = hair.line - recess
    if hair.fringe > 0.3:
        front = front + 0.20 * (1.0 - smoothstep(0.40, 0.75, np.abs(x - 0.3 * hair.parting)))
    return front + fall * (1.9 if is_long(identity) else 0.62)


def paint_shell(identity: Identity, shot: Shot, view: View, colour: Field, picture: Field) -> None:
    """Paint the hair that lies on the head."""
    style = identity.hair
    shell = Solid(identity.shape, min(max(style.volume, 0.05), 0.22), cap=not is_long(identity))
    at = shell.seen(view)
    strands = _strands(identity, at.x, at.y)
    ragged = 0.040 if style.fringe > 0.3 else 0.016
    cut = hairline(identity, at.x) + ragged * strands[1]
    kept = smoothstep(-0.040, 0.040, cut - at.y) * at.edge
    light = lambert(shot, view, shell.normals(at))
    sheen = 0.55 * stroke(at.y + 0.86 - 0.25 * np.abs(at.x), 0.13) * (1.0 + 0.8 * strands[0])
    shade = light * (1.0 + 0.14 * strands[0] + 0.10 * strands[1])
    rim = 1.0 - 0.25 * smoothstep(-0.10, 0.02, at.y - cut)
    albedo = colour * (shade * rim)[:, None] + (colour * 0.7 + 0.03) * (np.maximum(sheen, 0.0) * light)[:, None]
    layer = picture[at.pixels]
    cover(layer, albedo, kept)
    picture[at.pixels] = layer


def paint_back(identity: Identity, view: View, colour: Field, picture: Field) -> None:
    """Paint the hair that hangs behind the head and neck."""
    if not is_long(identity):
        return
    style, shape = identity.hair, identity.shape
    centre_x, centre_y = view.project(0.0, 0.0, -0.30)
    x, y = view.x - centre_x, view.y - centre_y
    end = 0.62 + 0.50 * style.length
    strands = noise(np.random.default_rng(identity.texture_seed + 2), x * 26.0, y * 0.8)
    full = shape.width + min(max(style.volume, 0.05), 0.22) + 0.03
    down = np.clip(y, -1.2, None)
    dome = np.sqrt(np.clip(1.0 - (np.minimum(down, 0.0) * (1.0 / 1.15)) ** 2, 0.0, 1.0))
    outline = full * dome * (1.0 + 0.06 * smoothstep(0.0, 0.8, y) - 0.22 * smoothstep(end - 0.55, end + 0.1, y))
    inside = (
        smoothstep(-0.03, 0.03, outline - np.abs(x)) * (y > -1.15) * smoothstep(-0.05, 0.05, end + 0.05 * strands - y)
    )
    shade = (0.62 + 0.10 * strands) * (1.0 - 0.35 * bump(x, y - 0.9, 0.55, 0.7))
    cover(picture, colour * shade[:, None], inside)


def _strands(identity: Identity, x: Field, y: Field) -> tuple[Field, Field]:
    """Give coarse and fine strands that fan out from the parting, as two fields of about unit variance."""
    texture = np.random.default_rng(identity.texture_seed + 3)
    angle = np.arctan2(x - 0.5 * identity.hair.parting, y - (CROWN - 0.45)) * (32.0 / math.pi)
    return noise(texture, angle * 1.7, y * 1.2), noise(texture, angle * 4.3, y * 2.5)
