"""A detector that finds the lit rectangle in a dark image."""

import numpy as np

from facegap.faces.face import Face
from facegap.faces.registration import AskedDetector, Registration


class Lit:
    """Takes whatever is bright for one face."""

    def detect(self, image: np.ndarray) -> list[Face]:
        """See `Detector.detect`."""
        rows, columns = np.nonzero(image.max(axis=2) > 60)
        if not len(rows):
            return []
        return [Face((float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)), 1.0)]


def _open(_: AskedDetector) -> Lit:
    return Lit()


DETECTOR = Registration("lit", open=_open)
