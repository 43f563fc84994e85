"""Which face of each image the table gives, where it is asked for."""

from collections.abc import Sequence

import numpy as np

from facegap.data.boxes import CORNERS, SIDES, read_boxes
from facegap.data.manifest import Manifest
from facegap.errors import InputError
from facegap.faces import Face, FaceOptions, GivenFace


def given_faces(manifest: Manifest, faces: FaceOptions) -> Sequence[GivenFace | None]:
    """Return N faces that the columns of the manifest give, or N times None where the detector looks for faces itself.

    Raises:
        InputError: the detector takes boxes from a table, and there are no columns of boxes.
    """
    if not faces.given:
        return [None] * len(manifest)
    boxes = read_boxes(manifest.frame)
    if boxes is None:
        names = "; ".join(", ".join(form) for form in (*SIDES[:2], *CORNERS))
        raise InputError(
            "--detector {detector} takes the boxes of faces from the columns of a table, and {dataset} has none: "
            "give a table with {names}, also with bbox_, box_ or face_ in front",
            detector=faces.detector,
            dataset=manifest.name,
            names=names,
        )
    return [
        GivenFace(None, reason) if reason else GivenFace(_face(corners, points))
        for corners, points, reason in zip(boxes.corners, boxes.points, boxes.reasons, strict=True)
    ]


def _face(corners: np.ndarray, points: np.ndarray) -> Face:
    left, top, right, bottom = corners.tolist()
    usable = bool(np.isfinite(points).all())
    return Face((left, top, right, bottom), 1.0, points.astype(np.float32) if usable else None)
