"""How one photo was taken: everything that changes between two photos of the same subject."""

import math
from dataclasses import dataclass

import numpy as np

from facegap.synthetic.identity import CLIP

UNIT = 0.29  # one head unit, as a share of the picture's side


@dataclass(frozen=True)
class Shot:
    """Pose (radians, head units), light, expression and camera of one photo."""

    yaw: float
    pitch: float
    roll: float
    shift_x: float
    shift_y: float
    zoom: float
    light: tuple[float, float, float]  # unit vector towards the light, camera axes
    ambient: float
    exposure: float
    white_balance: tuple[float, float, float]
    gaze_x: float
    gaze_y: float
    smile: float
    mouth_open: float
    lids: float
    brow_raise: float
    blur: float  # standard deviation, pixels
    noise: float  # standard deviation, share of full scale
    jpeg_quality: int


def draw_shot(rng: np.random.Generator) -> Shot:
    """Draw pose, light, expression and camera for one photo."""

    def normal(mean: float, sd: float) -> float:
        return mean + sd * min(max(float(rng.standard_normal()), -CLIP), CLIP)

    azimuth, elevation = math.radians(rng.uniform(-50, 50)), math.radians(rng.uniform(0, 45))
    return Shot(
        yaw=math.radians(normal(0, 9)),
        pitch=math.radians(normal(0, 5)),
        roll=math.radians(normal(0, 4)),
        shift_x=normal(0, 0.08),
        shift_y=normal(0, 0.06),
        zoom=math.exp(normal(0, 0.07)),
        light=(
            math.sin(azimuth) * math.cos(elevation),
            -math.sin(elevation),
            math.cos(azimuth) * math.cos(elevation),
        ),
        ambient=rng.uniform(0.42, 0.62),
        exposure=math.exp(normal(0, 0.12)),
        white_balance=(math.exp(normal(0, 0.05)), 1.0, math.exp(normal(0, 0.05))),
        gaze_x=normal(0, 0.012),
        gaze_y=normal(0, 0.006),
        smile=max(0.0, normal(0.3, 0.5)),
        mouth_open=max(0.0, normal(-0.015, 0.03)),
        lids=min(max(normal(1, 0.12), 0.6), 1.15),
        brow_raise=normal(0, 0.018),
        blur=rng.uniform(0.4, 1.3),
        noise=rng.uniform(0.5, 4.5) / 255,
        jpeg_quality=int(rng.integers(45, 96)),
    )
