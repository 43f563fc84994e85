"""Which way the head is turned, from five landmarks and a standard face."""

import math

import numpy as np

STANDARD_FACE = np.array(
    [
        [-3.151146, -2.624618, 3.465663], [3.151146, -2.624618, 3.465663], [0.0, 1.126865, 7.475604],
        [-2.456206, 4.342621, 4.283884], [2.456206, 4.342621, 4.283884],
    ]
)  # fmt: skip
"""(5, 3) eyes, tip of the nose and corners of the mouth of MediaPipe's canonical face model (vertices 33 and 133, 263
and 362, 1, 61, 291), in centimetres: x to the right of the picture, y down, z towards the camera."""

_CENTRED = (STANDARD_FACE - STANDARD_FACE.mean(axis=0)).T
_CENTRED = _CENTRED / np.sqrt((_CENTRED[:2] ** 2).sum())


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Return (3, 3) the turn of a head by angles in radians: first yaw, then pitch, then roll.

    Positive: the face turns to the right of the picture, nods down, tilts clockwise.
    """
    (c, s), (d, t), (e, u) = ((math.cos(angle), math.sin(angle)) for angle in (yaw, pitch, roll))
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    nod = np.array([[1, 0, 0], [0, d, t], [0, -t, d]])
    return np.array([[e, -u, 0], [u, e, 0], [0, 0, 1]]) @ nod @ turn


def pose(landmarks: np.ndarray) -> tuple[float, float, float]:
    """Return yaw, pitch and roll in degrees of the head whose landmarks are (5, 2).

    The standard face is turned, scaled and moved until it lies nearest to the landmarks in the least-squares sense,
    seen from afar (weak perspective: Alter, MIT AI Memo 1378, 1992), which needs no focal length. A point (x, y) is the
    complex number x + iy here, so that scale and roll are one factor: its length and its angle.
    """
    from scipy.optimize import leastsq

    seen = np.asarray(landmarks, np.float64)
    seen = seen - seen.mean(axis=0)
    size = np.sqrt((seen**2).sum())
    if not size > 0:
        return np.nan, np.nan, np.nan
    points = (seen / size).view(np.complex128)[:, 0]
    across = points[1] - points[0] + points[4] - points[3]

    def misses(guess: np.ndarray) -> np.ndarray:
        yaw, pitch, along, aside = guess
        return (complex(along, aside) * _views(yaw, pitch)[0] - points).view(np.float64)

    def slopes(guess: np.ndarray) -> np.ndarray:
        yaw, pitch, along, aside = guess
        face, by_yaw, by_pitch = _views(yaw, pitch)
        factor = complex(along, aside)
        return np.stack([factor * by_yaw, factor * by_pitch, face, 1j * face]).view(np.float64)

    start = across / abs(across) if across else 1.0 + 0.0j
    guess = [0.0, 0.0, start.real, start.imag]
    (yaw, pitch, along, aside), _ = leastsq(misses, guess, Dfun=slopes, col_deriv=True, xtol=1e-7, ftol=1e-7)
    roll = math.atan2(aside, along)
    yaw, pitch, roll = np.degrees((np.array([yaw, pitch, roll]) + np.pi) % (2 * np.pi) - np.pi)
    return float(yaw), float(pitch), float(roll)


def _views(yaw: float, pitch: float) -> np.ndarray:
    """Return (3, 5) complex: the standard face as seen when it is turned and nods, and its derivatives by each."""
    c, s, d, t = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    seen = [c - 1j * s * t, 1j * d, s + 1j * c * t]
    by_yaw = [-s - 1j * c * t, 0, c - 1j * s * t]
    by_pitch = [-1j * s * d, -1j * t, 1j * c * d]
    return np.array([seen, by_yaw, by_pitch]) @ _CENTRED
