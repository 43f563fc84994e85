"""Simulated people for plans: some are harder than others, some attract more false matches."""

import numpy as np

from facegap.data.comparator import Comparator
from facegap.jobs.plan import Pilot
from facegap.jobs.plan.pilot import People

DIMENSION = 64


def draw(
    subjects: int, images: int, rng: np.random.Generator, *, noise: float = 1.2, models: int = 1, own: float = 0.1
):
    """Return (N,) int32 subjects and for each model (N, D) float32; `own` is what models do not share."""
    subject = np.repeat(np.arange(subjects, dtype=np.int32), images)
    length = noise * np.exp(rng.normal(0, 0.25, subjects))[subject, None]
    pull = rng.exponential(0.25, subjects)
    centre, error = _views((subjects, DIMENSION), models, own, rng), _views((len(subject), DIMENSION), models, own, rng)
    centre[..., 0] += pull
    centre /= np.linalg.norm(centre, axis=-1, keepdims=True)
    vectors = centre[:, subject] + length * error
    return subject, [each.astype(np.float32) for each in vectors]


def pilot(*cohorts: tuple[np.ndarray, list[np.ndarray]]) -> Pilot:
    """Return a pilot of drawn cohorts, called a, b and so on."""
    models = len(cohorts[0][1])
    people = [People(chr(97 + i), subject, tuple(vectors)) for i, (subject, vectors) in enumerate(cohorts)]
    return Pilot(tuple(f"m{i}" for i in range(models)), (Comparator.COSINE,) * models, tuple(people))


def _views(shape: tuple[int, int], models: int, own: float, rng: np.random.Generator) -> np.ndarray:
    common, mine = rng.standard_normal(shape), rng.standard_normal((models, *shape))
    return (np.sqrt(1 - own) * common + np.sqrt(own) * mine) / np.sqrt(DIMENSION)
