"""The script that everybody writes first, step by step: one image, one distance, one threshold after the other."""

# dlib's compiled module declares no names to a type checker.
# pyright: reportAttributeAccessIssue=false

from collections.abc import Sequence
from itertools import combinations

import dlib
import numpy as np
from sklearn.metrics import accuracy_score, auc, f1_score, precision_score, recall_score, roc_curve

from facegap.data.weights import FACE_NETWORK, FIVE_POINTS, dlib_weights

UPSAMPLE = 1
THRESHOLDS = np.arange(0.1, 1.1, 0.01)
"""The distances it sweeps over: a hundred."""


class Encoder:
    """dlib's HOG detector, five landmarks and face network, as `face_recognition` puts them together."""

    def __init__(self) -> None:
        self._detect = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(str(dlib_weights(FIVE_POINTS)))
        self._network = dlib.face_recognition_model_v1(str(dlib_weights(FACE_NETWORK)))

    def embed(self, path: str) -> np.ndarray | None:
        """Return the 128 numbers of the first face in an image file, or None where none is found."""
        image = dlib.load_rgb_image(path)
        boxes = self._detect(image, UPSAMPLE)
        if not boxes:
            return None
        return np.array(self._network.compute_face_descriptor(image, self._landmarks(image, boxes[0])))


def compare(vectors: Sequence[np.ndarray], names: Sequence[str]) -> tuple[list[int], list[float]]:
    """Return for every two images whether they show the same subject, and their Euclidean distance."""
    pairs = list(combinations(zip(names, vectors, strict=True), 2))
    same = [1 if a == b else 0 for (a, _), (b, _) in pairs]
    return same, [float(np.linalg.norm(np.array(a) - np.array(b))) for (_, a), (_, b) in pairs]


def area(same: list[int], distances: list[float]) -> float:
    """Return the area under the ROC curve."""
    fpr, tpr, _ = roc_curve(same, [-distance for distance in distances])
    return float(auc(fpr, tpr))


def at_threshold(same: list[int], distances: list[float], threshold: float) -> tuple[float, float, float, float]:
    """Return accuracy, precision, recall and F1 where a distance up to the threshold is accepted."""
    accepted = [1 if distance <= threshold else 0 for distance in distances]
    return (
        float(accuracy_score(same, accepted)),
        float(precision_score(same, accepted)),
        float(recall_score(same, accepted)),
        float(f1_score(same, accepted)),
    )
