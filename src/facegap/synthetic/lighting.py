"""Light on a surface: an ambient share, one soft lamp, and the gloss of the skin."""

import numpy as np

from facegap.synthetic.fields import Field
from facegap.synthetic.head import View
from facegap.synthetic.shot import Shot

FULL = 1.20  # brightness of skin that faces the lamp
WRAP = 0.25  # how far the light reaches round into the shadow, as under skin
GLOSS = 0.13
UNDER_SKIN = np.array((0.10, 0.01, -0.02), dtype=np.float32)  # shadows on skin are reddish, light travels in it


def lambert(shot: Shot, view: View, normals: Field) -> Field:
    """Give the brightness (n,) of points with unit `normals` (n, 3), head axes."""
    towards = np.array(view.to_head(*shot.light), dtype=np.float32)
    lit = np.maximum((normals @ towards + WRAP) * (1.0 / (1.0 + WRAP)), 0.0)
    return shot.ambient + (FULL - shot.ambient) * lit


def gloss(shot: Shot, view: View, normals: Field) -> Field:
    """Give the mirrored light (n,) to add to the brightness of points with unit `normals` (n, 3)."""
    x, y, z = shot.light
    halfway = np.array(view.to_head(x, y, z + 1.0), dtype=np.float32)
    halfway /= np.linalg.norm(halfway)
    return GLOSS * np.maximum(normals @ halfway, 0.0) ** 22.0
