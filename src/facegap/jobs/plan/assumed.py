"""A pilot of simulated people, for plans made before there are any images."""

from dataclasses import dataclass

import numpy as np

from facegap.data.comparator import Comparator
from facegap.errors import InputError
from facegap.jobs.plan.pilot import People, Pilot
from facegap.jobs.plan.sample import compared, rates_of
from facegap.report.text.plans import assumption_text

DIMENSION = 64
SUBJECTS = 800
IMAGES = 10

SPREAD = 0.25
"""Standard deviation of the log of the length of an image's noise over subjects: some people are harder."""

PULL = 0.25
"""Mean of the exponential pulls of subjects towards one common face, in units of a subject's own length.

At FMR 1e-3 subjects then differ by more than for an ArcFace model and by less than for dlib on Labeled Faces in the
Wild (docs/planning.md).
"""

TRIAL = 3
"""Images of each subject on which the noise is tuned."""

STEPS = 16
"""Halvings of the range of noise."""

LIMITS = (0.6, 0.9999)


def assume(auc: float, *, rng: np.random.Generator) -> Pilot:
    """Return simulated people on whom a model has a given AUC.

    A subject is a direction in space and an image is that direction with noise, whose length is tuned until the AUC
    is `auc`.

    Raises:
        InputError: the AUC is not between 0.6 and 0.9999.
    """
    if not LIMITS[0] <= auc <= LIMITS[1]:
        raise InputError(
            "--auc {auc:g} cannot be assumed: give one between {least} and {most}, e.g. 0.95",
            auc=auc,
            least=LIMITS[0],
            most=LIMITS[1],
        )
    sketch = _Sketch.draw(rng)
    low, high = np.log(0.05), np.log(20.0)
    for _ in range(STEPS):
        noise = float(np.exp((low + high) / 2))
        low, high = (np.log(noise), high) if _auc(sketch.people(noise, TRIAL)) > auc else (low, np.log(noise))
    people = sketch.people(float(np.exp((low + high) / 2)), IMAGES)
    words = assumption_text(auc, SUBJECTS, IMAGES)
    return Pilot(("assumed",), (Comparator.COSINE,), (people,), assumption=words)


@dataclass(frozen=True)
class _Sketch:
    """Simulated people before it is known how noisy their images are.

    S subjects with M images. `centre`: (S, D) of length 1. `length`: (S,), of a subject's noise. `error`: (S, M, D).
    """

    centre: np.ndarray
    length: np.ndarray
    error: np.ndarray

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "_Sketch":
        centre = rng.standard_normal((SUBJECTS, DIMENSION)) / np.sqrt(DIMENSION)
        centre[:, 0] += rng.exponential(PULL, SUBJECTS)
        centre /= np.linalg.norm(centre, axis=1, keepdims=True)
        length = np.exp(rng.normal(0, SPREAD, SUBJECTS))
        return cls(centre, length, rng.standard_normal((SUBJECTS, IMAGES, DIMENSION)) / np.sqrt(DIMENSION))

    def people(self, noise: float, images: int) -> People:
        """Return the people with so many images of each, `noise` being the typical length of an image's noise."""
        vectors = self.centre[:, None] + noise * self.length[:, None, None] * self.error[:, :images]
        subject = np.repeat(np.arange(SUBJECTS, dtype=np.int32), images)
        return People("assumed", subject, (vectors.reshape(-1, DIMENSION).astype(np.float32),))


def _auc(people: People) -> float:
    return rates_of(compared(people.vectors[0], people.subject, Comparator.COSINE, None)).auc()
