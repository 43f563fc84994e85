"""One photo of one subject, from the background to the JPEG file."""

import io

import numpy as np
from numpy.typing import NDArray

from facegap.data.image_file import open_image
from facegap.synthetic.camera import photograph
from facegap.synthetic.features import Canvas, paint_features
from facegap.synthetic.fields import Field, cover, smoothstep
from facegap.synthetic.hair import hair_colour, hairline, paint_back, paint_shell
from facegap.synthetic.head import Solid, View
from facegap.synthetic.identity import Identity
from facegap.synthetic.lighting import FULL, UNDER_SKIN, gloss, lambert
from facegap.synthetic.relief import Relief
from facegap.synthetic.scenery import paint_background, paint_body, paint_ears
from facegap.synthetic.shot import Shot, draw_shot
from facegap.synthetic.skin import occlusion, paint_skin, skin_colour


def render(identity: Identity, rng: np.random.Generator, *, size: int = 224) -> NDArray[np.uint8]:
    """Take one photo of `identity` in random pose, light and expression; give RGB (size, size, 3) uint8.

    The same identity and generator state give the same picture.
    """
    image, _ = open_image(io.BytesIO(render_jpeg(identity, rng, size=size)))
    return np.asarray(image.convert("RGB"))


def render_jpeg(identity: Identity, rng: np.random.Generator, *, size: int = 224) -> bytes:
    """Take one photo as `render` does, but give the bytes of the JPEG file."""
    shot = draw_shot(rng)
    view = View.of(shot, size)
    skin, hair = skin_colour(identity), hair_colour(identity)
    picture = paint_background(rng, size)
    paint_back(identity, view, hair, picture)
    paint_body(identity, shot, view, skin, rng, picture)
    paint_ears(identity, shot, view, skin, picture)
    brightness = _paint_face(identity, shot, view, skin, hair, picture)
    paint_shell(identity, shot, view, hair, picture)
    return photograph(picture, brightness, shot, rng)


def _paint_face(identity: Identity, shot: Shot, view: View, skin: Field, hair: Field, picture: Field) -> float:
    """Paint the head without its hair; give its mean brightness."""
    head, relief = Solid(identity.shape), Relief(identity.shape, shot)
    at = head.seen(view, relief)
    normals = head.normals(at, relief)
    canvas = Canvas(at.x, at.y, paint_skin(identity, at.x, at.y))
    wet = paint_features(identity, shot, skin, hair, canvas)
    below_hair = 1.0 - 0.28 * (1.0 - smoothstep(0.0, 0.16, at.y - hairline(identity, at.x)))
    light = lambert(shot, view, normals) * occlusion(identity.shape, shot, at.x, at.y) * below_hair
    shine = gloss(shot, view, normals) * (1.0 - 0.8 * wet) * below_hair
    lit = canvas.albedo * (light[:, None] + (FULL - light)[:, None] * UNDER_SKIN) + shine[:, None]
    layer = picture[at.pixels]
    cover(layer, lit, at.edge)
    picture[at.pixels] = layer
    return float(lit.mean())
