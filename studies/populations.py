"""Simulated people: what the intervals are judged on, since of real ones nobody knows the true rates.

A subject is a direction in `DIMENSION` dimensions and an image is that direction with noise, so an impostor score is
about normal with standard deviation 1/8. Two models see the same photos: they share most of where a subject lies and
most of the noise of an image. The subjects of a draw fall into two cohorts of equal size.
"""

from dataclasses import dataclass

import numpy as np

DIMENSION = 64
SHARED = 0.9
"""Share of the variance of subjects and of noise that two models have in common."""

MODELS = ("a", "b")
COHORTS = ("x", "y")


@dataclass(frozen=True)
class Nature:
    """What the people of a population are like, however many of them are drawn.

    `noise`: length of an image's noise against the length 1 of its subject. `spread`: standard deviation of the log
    of that length over subjects. `hubs`: whether subjects are pulled by gamma-distributed amounts towards one common
    face, so that a few of them attract most false matches.
    """

    noise: float
    spread: float = 0.25
    hubs: bool = False


@dataclass(frozen=True)
class Contrast:
    """What makes model b worse than model a and cohort y harder than cohort x: more noise, and a common pull.

    The pull makes strangers look alike, so it moves the FMR; the noise moves the FNMR. With the defaults there is no
    difference: the models are exchangeable and the cohorts alike.
    """

    model_noise: float = 1.0
    model_pull: float = 0.0
    cohort_noise: float = 1.0
    cohort_pull: float = 0.0


NULL = Contrast()
DIFFERENCE = Contrast(model_noise=1.05, model_pull=0.16, cohort_noise=1.15, cohort_pull=0.3)
CONTRASTS = {"null": NULL, "difference": DIFFERENCE}


@dataclass(frozen=True)
class Population:
    """Who is drawn each time.

    `images`: image counts that are dealt to the subjects of each cohort in random order, over and over. `fmr`: the
    true FMR of the shipped threshold.
    """

    name: str
    subjects: int
    images: tuple[int, ...]
    nature: Nature
    fmr: float = 1e-2

    def dealt(self) -> np.ndarray:
        """Return (subjects / 2,) image counts of one cohort, before they are put in order."""
        return np.resize(np.array(self.images), self.subjects // 2)

    def comparisons(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return the genuine and impostor comparisons of each pair of cohorts, the same in every draw."""
        counts = self.dealt()
        total, genuine = int(counts.sum()), int((counts * (counts - 1) // 2).sum())
        within = (genuine, total * (total - 1) // 2 - genuine)
        return {("x", "x"): within, ("x", "y"): (0, total * total), ("y", "y"): within}


PLAIN = Nature(noise=1.2)
EQUAL = Nature(noise=1.2, spread=0.0)
HUBS = Nature(noise=0.9, hubs=True)

POPULATIONS = {
    population.name: population
    for population in (
        Population("30 x 10", 30, (10,), PLAIN),
        Population("60 x 5", 60, (5,), PLAIN),
        Population("200 x 4", 200, (4,), PLAIN),
        Population("unequal counts", 60, (2, 3, 4, 5, 6, 10), PLAIN),
        Population("equal noise", 60, (5,), EQUAL),
        Population("hubs, 50 x 6", 50, (6,), HUBS),
        Population("hubs, 150 x 6", 150, (6,), HUBS),
        Population("rare errors", 100, (5,), PLAIN, fmr=1e-3),
    )
}


@dataclass(frozen=True)
class Draw:
    """N images of S subjects. `subject`, `cohort`: (N,) int32. `vectors`: (2, N, D) float32 of length 1, by model."""

    subject: np.ndarray
    cohort: np.ndarray
    vectors: np.ndarray


def draw(population: Population, contrast: Contrast, rng: np.random.Generator) -> Draw:
    """Draw a population once: new subjects, new images."""
    counts = np.concatenate([rng.permutation(population.dealt()) for _ in COHORTS])
    return draw_people(population.nature, contrast, counts, rng)


def draw_people(nature: Nature, contrast: Contrast, counts: np.ndarray, rng: np.random.Generator) -> Draw:
    """Draw subjects with `counts` (S,) images; the first half of them is cohort x."""
    people = len(counts)
    harder = np.arange(people) >= people // 2
    centre = _two_views((people, DIMENSION), rng)
    root = np.sqrt(DIMENSION)
    if nature.hubs:
        centre[..., 0] += root * rng.gamma(0.5, 0.8, people)
    centre[..., 1] += root * contrast.cohort_pull * harder
    centre[1, :, 2] += root * contrast.model_pull
    centre /= np.linalg.norm(centre, axis=-1, keepdims=True)
    length = nature.noise * np.exp(rng.normal(0, nature.spread, people)) * np.where(harder, contrast.cohort_noise, 1)
    subject = np.repeat(np.arange(people, dtype=np.int32), counts)
    noise = _two_views((len(subject), DIMENSION), rng) / root * length[subject, None]
    noise[1] *= contrast.model_noise
    images = centre[:, subject] + noise
    images /= np.linalg.norm(images, axis=-1, keepdims=True)
    return Draw(subject, harder[subject].astype(np.int32), images.astype(np.float32))


def _two_views(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return (2, *shape) standard normal numbers that share `SHARED` of their variance."""
    common, own = rng.standard_normal(shape), rng.standard_normal((2, *shape))
    return np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * own
