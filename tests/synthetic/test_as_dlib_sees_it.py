"""What dlib's detector and face network make of the pictures: the properties the demo stands on."""

from dataclasses import replace

import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from facegap.data.weights import FACE_NETWORK, FIVE_POINTS, dlib_weights
from facegap.synthetic import GENERAL, HARD, Spread, draw_identity, render

detect = dlib.get_frontal_face_detector()


def test_darker_skin_is_detected_as_well_as_lighter() -> None:
    """The same forty subjects in the same photos, but for the colour of their skin."""
    found = {}
    for tone in (0.15, 0.8):
        found[tone] = 0
        for seed in range(40):
            rng = np.random.default_rng((20, seed))
            subject = draw_identity(rng)
            toned = replace(subject, complexion=replace(subject.complexion, tone=tone))
            found[tone] += len(detect(render(toned, rng), 1)) == 1
    assert found[0.15] >= 39
    assert found[0.8] >= 39


def auc(spread: Spread, *, subjects: int, images: int, seed: int) -> tuple[float, float]:
    """Give the share of images with exactly one face, and the AUC of dlib's network over all pairs."""
    landmarks = dlib.shape_predictor(str(dlib_weights(FIVE_POINTS)))
    network = dlib.face_recognition_model_v1(str(dlib_weights(FACE_NETWORK)))
    vectors, labels = [], []
    for label in range(subjects):
        rng = np.random.default_rng((seed, label))
        subject = draw_identity(rng, spread=spread.all, geometry_spread=spread.geometry)
        for _ in range(images):
            image = render(subject, rng)
            boxes = detect(image, 1)
            if len(boxes) == 1:
                vectors.append(np.array(network.compute_face_descriptor(image, landmarks(image, boxes[0]))))
                labels.append(label)
    return len(vectors) / (subjects * images), area(np.array(vectors), np.array(labels))


def area(vectors: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    first, second = np.triu_indices(len(vectors), 1)
    distance = np.linalg.norm(vectors[first] - vectors[second], axis=1)
    same = labels[first] == labels[second]
    return float((distance[same][:, None] < distance[~same]).mean())


@pytest.mark.slow
def test_the_hard_cohort_is_hard_for_dlib() -> None:
    """The same draws at both spreads; the brackets are wide because so few subjects say little."""
    found, general = auc(GENERAL, subjects=24, images=4, seed=30)
    found_hard, hard = auc(HARD, subjects=24, images=4, seed=30)
    assert min(found, found_hard) >= 0.97
    assert 0.93 < general < 0.995
    assert 0.84 < hard < 0.96
    assert general - hard >= 0.02
