"""Laws that simulated people follow: who attracts false matches, and whose images are noisy.

Each law takes how many there are and a generator, and returns one number each.
"""

from collections.abc import Callable

import numpy as np

Law = Callable[[int, np.random.Generator], np.ndarray]
"""(n, rng) to (n,) float64."""


def gamma_pull(people: int, rng: np.random.Generator) -> np.ndarray:
    """Return pulls towards one common face: gamma, so that a few subjects attract most false matches."""
    return rng.gamma(0.5, 0.8, people)


def lognormal_pull(people: int, rng: np.random.Generator) -> np.ndarray:
    """Return pulls with a heavier tail than `gamma_pull`: lognormal."""
    return 0.2 * np.exp(rng.normal(0, 1.1, people))


def lambs(people: int, rng: np.random.Generator) -> np.ndarray:
    """Return a strong pull for one subject in twenty, none for the others."""
    return 1.5 * (rng.random(people) < 0.05)


def pareto_noise(people: int, rng: np.random.Generator) -> np.ndarray:
    """Return factors on the noise of subjects: Pareto, so that a few subjects carry most false non-matches."""
    return 0.75 * (1 + rng.pareto(3, people))


def t3_noise(images: int, rng: np.random.Generator) -> np.ndarray:
    """Return factors on the noise of images that make it Student's with 3 degrees of freedom."""
    return np.sqrt(3 / rng.chisquare(3, images))
