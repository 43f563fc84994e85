"""The relief of a face: how far nose, sockets, cheeks, lips and chin stand out from the smooth head."""

from dataclasses import dataclass

import numpy as np

from facegap.synthetic.fields import Field, bump, smoothstep
from facegap.synthetic.identity import Shape
from facegap.synthetic.shot import Shot


@dataclass(frozen=True)
class Relief:
    """The height of the features above the smooth head, in head units, towards the viewer."""

    shape: Shape
    shot: Shot

    def __call__(self, x: Field, y: Field) -> Field:
        """Give the height at head coordinates `x`, `y` (any one shape)."""
        return self._nose(x, y) + self._eyes(np.abs(x), y) + self._lower_face(np.abs(x), x, y)

    def _nose(self, x: Field, y: Field) -> Field:
        s = self.shape
        x = x - s.skew_nose * smoothstep(0.1, 0.45, y)
        down = np.clip(y * (1.0 / s.nose_y), 0.0, 1.0)
        height = s.nose_height * (s.nose_root + (1.0 - s.nose_root) * down * down)
        width = s.nose_bridge + (0.045 + 0.3 * (s.nose_width - 0.125)) * down * down
        extent = smoothstep(-0.22, 0.02, y) * (1.0 - smoothstep(s.nose_y - 0.05, s.nose_y + 0.12, y))
        across = x / width
        ridge = height * np.exp(-across * across) * extent
        tip = (0.045 + s.nose_tip) * bump(x, y - (s.nose_y - 0.03 - 0.4 * s.nose_tip), 0.085, 0.080)
        wings = 0.075 * bump(np.abs(x) - 0.95 * s.nose_width, y - s.nose_y + 0.005, 0.055, 0.072)
        return ridge + tip + wings

    def _eyes(self, side: Field, y: Field) -> Field:
        s = self.shape
        out, down = side - s.eye_x, y - s.eye_y
        return (
            0.055 * bump(out, down, 0.85 * s.eye_width, 0.085)
            - s.socket * bump(out + 0.01, down + 0.01, 0.21, 0.13)
            + s.brow_ridge * bump(out, down + s.brow_y, 0.25, 0.08)
        )

    def _lower_face(self, side: Field, x: Field, y: Field) -> Field:
        s, smile = self.shape, self.shot.smile
        mouth = y - s.mouth_y
        return (
            s.cheek * (1.0 + 0.6 * smile) * bump(side - 0.46, y - 0.36 + 0.04 * smile, 0.20, 0.20)
            + s.chin * bump(x, y - (s.chin_y - 0.17), s.chin_width, 0.11)
            + 0.05 * bump(x, mouth, 0.30, 0.13)
            + 0.030 * bump(x, mouth + 0.5 * s.upper_lip, 0.75 * s.mouth_width, 0.035)
            + 0.022 * bump(x, mouth - 0.5 * s.lower_lip, 0.65 * s.mouth_width, 0.040)
            - 0.045 * bump(x, mouth - s.lower_lip - 0.06, 0.22, 0.05)
            - 0.018 * bump(x, y - 0.5 * (s.nose_y + 0.06 + s.mouth_y - s.upper_lip), 0.035, 0.06)
        )
