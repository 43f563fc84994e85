"""Which of several faces in an image is the subject's."""

from collections.abc import Callable, Sequence

from facegap.faces.face import Face

OFF_CENTRE_COST = 2.0
"""Square pixels of area that each squared pixel of distance from the centre outweighs (InsightFace's value)."""

Centre = tuple[float, float]


def _area(face: Face) -> float:
    left, top, right, bottom = face.box
    return (right - left) * (bottom - top)


def _squared_distance(face: Face, centre: Centre) -> float:
    left, top, right, bottom = face.box
    return ((left + right) / 2 - centre[0]) ** 2 + ((top + bottom) / 2 - centre[1]) ** 2


_MERIT: dict[str, Callable[[Face, Centre], float]] = {
    "main": lambda face, centre: _area(face) - OFF_CENTRE_COST * _squared_distance(face, centre),
    "largest": lambda face, _: _area(face),
    "central": lambda face, centre: -_squared_distance(face, centre),
    "first": lambda face, _: 0.0,
    "only": lambda face, _: 0.0,
}

RULES = tuple(_MERIT)
"""`main`: large and central; `largest`; `central`; `first`: the detector's first; `only`: several are refused."""


def choose(faces: Sequence[Face], image_shape: tuple[int, ...], rule: str) -> Face | None:
    """Return the face that `rule`, one of `RULES`, takes; among equals the detector's first.

    `main` takes the greatest `area - 2 * squared distance of the box centre from the image centre`, as InsightFace
    does. `image_shape` begins with height and width in pixels.

    Returns:
        None where there is nothing to choose: no face, or several under the rule `only`.
    """
    if not faces or (rule == "only" and len(faces) > 1):
        return None
    centre = (image_shape[1] / 2, image_shape[0] / 2)
    return max(faces, key=lambda face: _MERIT[rule](face, centre))
