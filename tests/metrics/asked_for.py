"""A small study of two models and two cohorts, measured with whatever metrics are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

import facegap
from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings
from facegap.data.evaluation import Evaluation
from facegap.data.manifest import Manifest
from facegap.data.spec import ModelSpec
from facegap.metrics import Scored, ThresholdFrom, measure

COHORTS = ("plain", "hard")
SHIPPED = 0.35
FROM = ThresholdFrom("plain", 0.01)
AT = FROM.label


@dataclass(frozen=True)
class AskedStudy:
    """The evaluation, and of each model the similarities of P comparisons, with their subjects and cohorts (P, 2)."""

    evaluation: Evaluation
    scored: dict[str, Scored]
    manifest: Manifest
    scores: dict[str, np.ndarray]
    subjects: np.ndarray
    cohorts: np.ndarray
    comparator: Comparator

    def rates(self, model: str, cohort: str, threshold: float, without: int = -1) -> tuple[float, float]:
        """Return FMR and FNMR within a cohort, counted one by one, without a subject."""
        inside = (self.cohorts == COHORTS.index(cohort)).all(axis=1) & (self.subjects != without).all(axis=1)
        same = self.subjects[:, 0] == self.subjects[:, 1]
        accepted = self.scores[model] >= self.comparator.cut(threshold)
        return accepted[inside & ~same].mean(), 1 - accepted[inside & same].mean()


def asked_study(
    metrics: Sequence[str] = (),
    *,
    noises: Sequence[float] = (0.8, 1.2),
    subjects: int = 40,
    images: int = 4,
    shipped: float = SHIPPED,
    chosen: bool = True,
    comparator: Comparator = Comparator.COSINE,
) -> AskedStudy:
    """Measure models `one` and `two`, with so much noise, on two cohorts, of which the second has more of it.

    `chosen`: whether a threshold is chosen on the first cohort too.
    """
    rng = np.random.default_rng(1)
    subject = np.repeat(np.arange(subjects), images)
    place = subject * len(COHORTS) // subjects
    centre, own = rng.normal(size=(subjects, 24))[subject], rng.normal(size=(len(subject), 24))
    frame = pl.DataFrame(
        {
            "path": [f"{i}.jpg" for i in range(len(subject))],
            "subject": [f"s{s:03}" for s in subject],
            "cohort": [COHORTS[k] for k in place],
        }
    )
    manifest, scored, scores = Manifest(frame, COHORTS, "study"), {}, {}
    a, b = np.triu_indices(len(subject), 1)
    asked = {"threshold_from": [FROM] if chosen else [], "metrics": metrics}
    for name, noise in zip(("one", "two"), noises, strict=True):
        vectors = centre + (noise + 0.4 * place[:, None]) * own + 0.2 * rng.normal(size=own.shape)
        vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        box = np.full((len(subject), 4), np.nan, np.float32)
        embeddings = Embeddings(vectors, np.zeros(len(subject), np.uint8), (None,) * len(subject), box)
        spec = ModelSpec(name, "python", "1", "whole", 8, 24, comparator, threshold=shipped)
        scored[name] = facegap.score(embeddings, manifest, spec, workers=1, **asked)
        scores[name] = comparator.similarity(vectors[a], vectors[b])
    evaluation = measure(list(scored.values()), manifest, **asked)
    subjects_of, cohorts_of = (np.stack([of[a], of[b]], axis=1) for of in (subject, place))
    return AskedStudy(evaluation, scored, manifest, scores, subjects_of, cohorts_of, comparator)
