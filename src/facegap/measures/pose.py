"""Which way the head is turned, from five landmarks and a standard face."""

import numpy as np

STANDARD_FACE = np.array(
    [
        [-3.151146, -2.624618, 3.465663], [3.151146, -2.624618, 3.465663], [0.0, 1.126865, 7.475604],
        [-2.456206, 4.342621, 4.283884], [2.456206, 4.342621, 4.283884],
    ]
)  # fmt: skip
"""(5, 3) eyes, tip of the nose and corners of the mouth of MediaPipe's canonical face model (vertices 33 and 133, 263
and 362, 1, 61, 291), in centimetres: x to the right of the picture, y down, z towards the camera."""


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Return (3, 3) the turn of a head by angles in radians: first yaw, then pitch, then roll.

    Positive: the face turns to the right of the picture, nods down, tilts clockwise.
    """
    (sy, sp, sr), (cy, cp, cr) = np.sin([yaw, pitch, roll]), np.cos([yaw, pitch, roll])
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return tilt @ nod @ turn


def pose(landmarks: np.ndarray) -> tuple[float, float, float]:
    """Return yaw, pitch and roll in degrees of the head whose landmarks are (5, 2).

    The standard face is turned, scaled and moved until it lies nearest to the landmarks in the least-squares sense,
    seen from afar (weak perspective: Alter, MIT AI Memo 1378, 1992), which needs no focal length.
    """
    from scipy.optimize import least_squares

    seen = np.asarray(landmarks, np.float64)
    seen = seen - seen.mean(axis=0)
    size = np.sqrt((seen**2).sum())
    if not size > 0:
        return np.nan, np.nan, np.nan
    seen, face = seen / size, STANDARD_FACE - STANDARD_FACE.mean(axis=0)
    face = face / np.sqrt((face[:, :2] ** 2).sum())

    def misses(guess: np.ndarray) -> np.ndarray:
        yaw, pitch, roll, log_scale = guess
        return (np.exp(log_scale) * face @ rotation(yaw, pitch, roll)[:2].T - seen).ravel()

    across = seen[1] - seen[0] + seen[4] - seen[3]
    start = np.array([0.0, 0.0, np.arctan2(across[1], across[0]), 0.0])
    found = least_squares(misses, start, method="lm", xtol=1e-6, ftol=1e-6).x
    yaw, pitch, roll = np.degrees((found[:3] + np.pi) % (2 * np.pi) - np.pi)
    return float(yaw), float(pitch), float(roll)
