"""How the variance of an estimate depends on subjects and images, fitted to what a pilot shows.

Of S subjects with m images each, an estimate over pairs has the variance (Hoeffding's decomposition)

    V(S, m) = (A(m) / S + B(m) / S^2) S / (S - 1).

A, what is peculiar to a subject, averages over its images and its pairs of images: a0 + a1 / m + a2 / (m (m - 1)). B,
what is peculiar to a pair of subjects, over both sides' images: b0 + b1 / m + b2 / m^2. No term is negative. What more
images cannot take away is a0 and b0: the reason why subjects are worth more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special
from scipy.optimize import nnls

from facegap.stats import Combination, Estimate

Parts = Sequence[tuple[float, Estimate]]
"""Numbers, each after its weight."""

LEAST_DF = 2.0
"""Degrees of freedom of the test of a study, at least."""


@dataclass(frozen=True)
class Reading:
    """What one sample of a pilot shows.

    `images` of each of `subjects`; `value` of the estimate; `subject` and `pair`, A and B as they show there, which
    may come out negative; `df`, degrees of freedom of the variance; `test_df`, those of the test of the study. `wide`:
    see `sample.Sample`.
    """

    images: int
    subjects: int
    value: float
    subject: float
    pair: float
    df: float
    test_df: float
    wide: bool = False

    @classmethod
    def of(
        cls, parts: Sequence[tuple[float, Estimate]], images: int, pairs: float | None = None, factor: float = 1.0
    ) -> "Reading":
        """Return what a number, or the difference of two on the same subjects, shows, times `factor`.

        `pairs`: its variance over pairs of subjects, which subjects count twice; else taken to be what the inference
        itself takes off.
        """
        found = Combination(tuple(parts))
        n = len(np.unique(np.concatenate([one.subject for _, one in parts])))
        scale = factor**2 * (n - 1) / n
        squares = (found.variance + found.double_counted) * scale
        once = found.double_counted * scale if pairs is None else pairs * factor**2
        test = Combination(tuple(parts), exchangeable=True)
        return cls(images, n, found.value, n * (squares - 2 * once), n**2 * once, found.df, test.df)

    @property
    def variance(self) -> float:
        """The variance of the estimate."""
        n = self.subjects
        return (max(self.subject, 0.0) / n + self.pair / n**2) * n / (n - 1)

    @property
    def noise(self) -> float:
        """The size of A's and B's random errors, up to a constant: the squares of the influences."""
        return (self.subject + 2 * self.pair / self.subjects) / np.sqrt(self.subjects)


@dataclass(frozen=True)
class Law:
    """The variance of an estimate for any number of subjects and images.

    `subject`, `pair`: (3,) a0 to a2 and b0 to b2. `value`: of the estimate. `least`, `images`: the fewest and the most
    of a subject at which it was measured. `subjects`: of the pilot. `df`: degrees of freedom of its variance;
    `test_df`: those of a test of a study as large.
    """

    subject: np.ndarray
    pair: np.ndarray
    value: float
    least: int
    images: int
    subjects: float
    df: float
    test_df: float

    def variance(self, subjects: float, images: int) -> float:
        """Return the variance with so many subjects and images of each."""
        parts = self.of_subject(images) / subjects + _of_pair(images) @ self.pair / subjects**2
        return float(parts * subjects / (subjects - 1))

    @property
    def sees_images(self) -> bool:
        """Whether it was measured with different numbers of images, so that the worth of more can be told."""
        return self.least < self.images

    def of_subject(self, images: int) -> float:
        """Return A."""
        return float(_of_subject(images) @ self.subject)

    def quantile(self, level: float, subjects: float) -> float:
        """Return Student's two-sided quantile that a study of so many subjects will use."""
        return float(special.stdtrit(max(self.test_df * subjects / self.subjects, LEAST_DF), (1 + level) / 2))

    def times(self, subject: float, pair: float) -> "Law":
        """Return the law with both parts of the variance multiplied."""
        return replace(self, subject=self.subject * subject, pair=self.pair * pair)

    def known_from(self, readings: Sequence[Reading]) -> "Law":
        """Return the law with the value and the degrees of freedom that these readings show on the average."""
        value, subjects = (float(np.mean([getattr(r, name) for r in readings])) for name in ("value", "subjects"))
        df, test_df = (float(np.median([getattr(r, name) for r in readings])) for name in ("df", "test_df"))
        return replace(self, value=value, subjects=subjects, df=df, test_df=test_df)

    def __add__(self, other: "Law") -> "Law":
        """Return the law of a difference of two estimates that share no subject, each of so many subjects.

        The degrees of freedom are Welch's.
        """
        both, images = [self, other], min(self.images, other.images)
        least = max(self.least, other.least)
        subjects = (self.subjects + other.subjects) / 2
        parts = np.array([law.variance(subjects, images) for law in both])

        def welch(name: str) -> float:
            spread = sum(
                part**2 / (getattr(law, name) * subjects / law.subjects) for law, part in zip(both, parts, strict=True)
            )
            return float(parts.sum() ** 2 / spread) if spread else getattr(self, name)

        subject, pair = self.subject + other.subject, self.pair + other.pair
        return Law(subject, pair, self.value, least, images, subjects, welch("df"), welch("test_df"))


def fit(readings: Sequence[Reading]) -> Law | None:
    """Return the law that fits the readings best: least squares without negative terms; None where there are none.

    What more images do is seen on the subjects who have many; how large the variance is, on all.
    """
    deep = [reading for reading in readings if not reading.wide]
    if not deep:
        return None
    images = sorted({reading.images for reading in deep})
    at = [[reading for reading in deep if reading.images == m] for m in images]
    weight = np.array([1 / max(float(np.mean([r.noise for r in each])), 1e-30) for each in at])

    def terms(of: Callable[[int], np.ndarray], part: str) -> np.ndarray:
        shown = np.array([np.mean([getattr(r, part) for r in each]) for each in at])
        return nnls(weight[:, None] * np.stack([of(m) for m in images]), weight * shown)[0]

    parts = terms(_of_subject, "subject"), terms(_of_pair, "pair")
    law = Law(*parts, 0.0, images[0], images[-1], 0.0, 0.0, 0.0).known_from(at[-1])
    most = max((reading.subjects for reading in readings if reading.wide), default=0)
    widest = [reading for reading in readings if reading.wide and reading.subjects == most]
    expected = sum(law.variance(reading.subjects, reading.images) for reading in widest)
    if not expected:
        return law
    factor = sum(reading.variance for reading in widest) / expected
    wide = law.times(factor, factor).known_from(widest)
    # With one image, chance over pairs hides how unequal subjects are, and so how badly their variance is known.
    grown = wide.subjects / law.subjects
    return replace(wide, df=min(wide.df, law.df * grown), test_df=min(wide.test_df, law.test_df * grown))


def _of_subject(images: int) -> np.ndarray:
    return np.array([1.0, 1 / images, 1 / (images * max(images - 1, 1))])


def _of_pair(images: int) -> np.ndarray:
    return np.array([1.0, 1 / images, 1 / images**2])
