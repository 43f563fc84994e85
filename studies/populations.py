"""Simulated people: what the intervals are judged on, since of real ones nobody knows the true rates.

A subject is a direction in some dimensions and an image is that direction with noise, so an impostor score is about
normal, with standard deviation 1/8 in 64 dimensions. Two models see the same photos: they share most of where a subject
lies and most of the noise of an image. The images of a draw fall into two cohorts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facegap import Comparator
from studies.laws import Law, gamma_pull, lambs, lognormal_pull, pareto_noise, t3_noise

SHARED = 0.9
"""Share of the variance of subjects and of noise that two models have in common."""

KIN = 0.3
"""Share of the variance of subjects that a family has in common."""

SESSION = 0.5
"""Share of the variance of noise that the images of a session have in common."""

MODELS = ("a", "b")
COHORTS = ("x", "y")


@dataclass(frozen=True)
class Nature:
    """What the people of a population are like, however many of them are drawn.

    `noise`: length of an image's noise against the length 1 of its subject. `spread`: standard deviation of the log
    of that length over subjects. `pull`: how far subjects are pulled towards one common face. `subject_noise`,
    `image_noise`: factors on the noise of each subject and image. `bad`: share of images with three times the noise.
    `family`: so many subjects that follow each other share `KIN` of their direction. `minority`: share of subjects
    who are pulled towards a face of their own, while the others are pulled, less, towards another. `session`: so many
    images of a subject share `SESSION` of their noise, and how strong it is.
    """

    noise: float
    spread: float = 0.25
    dimension: int = 64
    pull: Law | None = None
    subject_noise: Law | None = None
    image_noise: Law | None = None
    bad: float = 0.0
    family: int = 1
    minority: float = 0.0
    session: int = 1


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

    `sizes`: subjects of cohorts x and y. `images`: image counts that are dealt to the subjects of each cohort in
    random order, over and over. `fmr`: the true FMR of the shipped threshold. `group`: see `pooled.GROUPS`. `shared`:
    all subjects have the first half of their images in cohort x and the rest in y; `sizes` then adds up to all of them.
    `histograms`: comparisons are counted as those of a large study are.
    """

    name: str
    sizes: tuple[int, int]
    images: tuple[int, ...]
    nature: Nature
    fmr: float = 1e-2
    group: str = "a"
    shared: bool = False
    histograms: bool = False

    def resized(self, sizes: tuple[int, int]) -> "Population":
        """Return the same people in another number."""
        return replace(self, name=f"{self.name}, {sizes[0]} + {sizes[1]}", sizes=sizes)


@dataclass(frozen=True)
class Draw:
    """N images of S subjects. `subject`, `cohort`: (N,) int32. `vectors`: by model, (N, D) float32.

    `comparators`: of each model; embeddings that are compared by cosine have length 1.
    """

    subject: np.ndarray
    cohort: np.ndarray
    vectors: Sequence[np.ndarray]
    comparators: tuple[Comparator, Comparator] = (Comparator.COSINE, Comparator.COSINE)


def draw(population: Population, contrast: Contrast, rng: np.random.Generator) -> Draw:
    """Draw a population once: new subjects, new images."""
    dealt = [np.resize(np.array(population.images), size) for size in population.sizes]
    counts = np.concatenate([rng.permutation(each) for each in dealt])
    subject = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    if population.shared:
        starts = np.cumsum(counts) - counts
        return draw_people(
            population.nature, contrast, subject, np.arange(len(subject)) - starts[subject] >= counts[subject] // 2, rng
        )
    return draw_people(population.nature, contrast, subject, subject >= population.sizes[0], rng)


def draw_people(
    nature: Nature, contrast: Contrast, subject: np.ndarray, harder: np.ndarray, rng: np.random.Generator
) -> Draw:
    """Draw the images of `subject` (N,) int32, rising codes from 0; `harder` (N,) bool says which are of cohort y."""
    people, size, root = int(subject.max()) + 1, nature.dimension, np.sqrt(nature.dimension)
    centre = _centres(nature, people, rng)
    images = centre[:, subject]
    images[..., 1] += root * contrast.cohort_pull * harder
    images[1, :, 2] += root * contrast.model_pull
    images /= np.linalg.norm(images, axis=-1, keepdims=True)
    length = nature.noise * np.exp(rng.normal(0, nature.spread, people))
    if nature.subject_noise is not None:
        length *= nature.subject_noise(people, rng)
    noise = _two_views((len(subject), size), rng)
    if nature.session > 1:
        noise = _in_sessions(noise, subject, nature.session, rng)
    noise *= (length[subject] * np.where(harder, contrast.cohort_noise, 1))[:, None] / root
    if nature.image_noise is not None:
        noise *= nature.image_noise(len(subject), rng)[:, None]
    if nature.bad:
        noise[:, rng.random(len(subject)) < nature.bad] *= 3
    noise[1] *= contrast.model_noise
    images += noise
    images /= np.linalg.norm(images, axis=-1, keepdims=True)
    return Draw(subject, harder.astype(np.int32), images.astype(np.float32))


def _centres(nature: Nature, people: int, rng: np.random.Generator) -> np.ndarray:
    """Return (2, people, D) directions, by model, their length not yet 1."""
    shape, root = (people, nature.dimension), np.sqrt(nature.dimension)
    centre = _two_views(shape, rng)
    if nature.family > 1:
        families = -(-people // nature.family)
        kin = np.repeat(_two_views((families, nature.dimension), rng), nature.family, axis=1)[:, :people]
        centre = np.sqrt(KIN) * kin + np.sqrt(1 - KIN) * centre
    if nature.pull is not None:
        centre[..., 0] += root * nature.pull(people, rng)
    if nature.minority:
        few = rng.random(people) < nature.minority
        centre[..., 0] += root * few
        centre[..., 3] += root * 0.3 * ~few
    return centre


def _in_sessions(noise: np.ndarray, subject: np.ndarray, images: int, rng: np.random.Generator) -> np.ndarray:
    """Return (2, N, D) noise; so many `images` of a subject that follow each other share some, and its strength."""
    place = np.arange(len(subject)) - np.searchsorted(subject, subject)
    session = np.unique(np.stack([subject, place // images]), axis=1, return_inverse=True)[1].ravel()
    made = int(session.max()) + 1
    common = _two_views((made, noise.shape[-1]), rng)[:, session]
    strength = np.exp(rng.normal(0, 0.4, made))[session, None]
    return strength * (np.sqrt(SESSION) * common + np.sqrt(1 - SESSION) * noise)


def _two_views(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return (2, *shape) standard normal numbers that share `SHARED` of their variance."""
    common, own = rng.standard_normal(shape), rng.standard_normal((2, *shape))
    return np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * own


PLAIN = Nature(noise=1.2)
EQUAL = Nature(noise=1.2, spread=0.0)
HUBS = Nature(noise=0.9, pull=gamma_pull)

POPULATIONS = {
    population.name: population
    for population in (
        Population("30 x 10", (15, 15), (10,), PLAIN),
        Population("60 x 5", (30, 30), (5,), PLAIN),
        Population("200 x 4", (100, 100), (4,), PLAIN),
        Population("unequal counts", (30, 30), (2, 3, 4, 5, 6, 10), PLAIN),
        Population("equal noise", (30, 30), (5,), EQUAL),
        Population("hubs, 50 x 6", (25, 25), (6,), HUBS),
        Population("hubs, 150 x 6", (75, 75), (6,), HUBS),
        Population("rare errors", (50, 50), (5,), PLAIN, fmr=1e-3),
        Population("lognormal pull, 60 x 5", (30, 30), (5,), Nature(noise=0.9, pull=lognormal_pull), group="b"),
        Population("5 % lambs, 80 x 5", (40, 40), (5,), Nature(noise=1.0, pull=lambs), group="b"),
        Population("families of 3, 60 x 5", (30, 30), (5,), Nature(noise=1.2, family=3), group="b"),
        Population(
            "heavy noise, 60 x 5",
            (30, 30),
            (5,),
            Nature(noise=1.2, dimension=256, image_noise=t3_noise, bad=0.2),
            group="b",
        ),
        Population("1 to 30 images", (30, 30), tuple(range(1, 31)), PLAIN, group="b"),
        Population("cohorts 20 : 100, x 4", (20, 100), (4,), PLAIN, group="b"),
        Population("shared subjects, 60 x 6", (30, 30), (6,), PLAIN, group="b", shared=True),
        Population("25 in all, x 8", (12, 13), (8,), PLAIN, group="b"),
        Population("FMR 0.001, 60 x 5", (30, 30), (5,), PLAIN, fmr=1e-3, group="b"),
        Population("Pareto noise, 60 x 5", (30, 30), (5,), Nature(noise=1.0, subject_noise=pareto_noise), group="b"),
        Population("two clusters, 80 x 5", (40, 40), (5,), Nature(noise=1.1, minority=0.15), group="b"),
        Population("sessions of 3, 60 x 6", (30, 30), (6,), Nature(noise=1.0, session=3), group="b"),
        Population("200 x 4, by histogram", (100, 100), (4,), PLAIN, group="e", histograms=True),
    )
}
