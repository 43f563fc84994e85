"""Which way the head is turned, from five landmarks and a standard face."""

from functools import partial

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
    turn, nod, tilt = (about(angle) for about, angle in zip(_ABOUT, (yaw, pitch, roll), strict=True))
    return tilt @ nod @ turn


def _turn(angle: float) -> np.ndarray:
    s, c = np.sin(angle), np.cos(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def _nod(angle: float) -> np.ndarray:
    s, c = np.sin(angle), np.cos(angle)
    return np.array([[1, 0, 0], [0, c, s], [0, -s, c]])


def _tilt(angle: float) -> np.ndarray:
    s, c = np.sin(angle), np.cos(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


_ABOUT = (_turn, _nod, _tilt)
_FIXED = np.array([np.diag([0.0, 1.0, 0.0]), np.diag([1.0, 0.0, 0.0]), np.diag([0.0, 0.0, 1.0])])
"""(3, 3, 3) the axis of each, which does not turn."""


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
        return (np.exp(guess[3]) * face @ rotation(*guess[:3])[:2].T - seen).ravel()

    def slopes(guess: np.ndarray) -> np.ndarray:
        turn, nod, tilt = (about(angle) for about, angle in zip(_ABOUT, guess, strict=False))
        # A quarter turn further is the derivative, but for the axis, which stays.
        dturn, dnod, dtilt = (
            about(angle + np.pi / 2) - axis for about, angle, axis in zip(_ABOUT, guess, _FIXED, strict=False)
        )
        moves = (tilt @ nod @ dturn, tilt @ dnod @ turn, dtilt @ nod @ turn, tilt @ nod @ turn)
        return np.column_stack([(np.exp(guess[3]) * face @ move[:2].T).ravel() for move in moves])

    across = seen[1] - seen[0] + seen[4] - seen[3]
    start = np.array([0.0, 0.0, np.arctan2(across[1], across[0]), 0.0])
    solve = partial(least_squares, jac=slopes, method="lm", xtol=1e-6, ftol=1e-6)  # pyright: ignore[reportArgumentType]
    found = solve(misses, start).x
    yaw, pitch, roll = np.degrees((found[:3] + np.pi) % (2 * np.pi) - np.pi)
    return float(yaw), float(pitch), float(roll)
