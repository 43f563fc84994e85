"""Which images take part, where not all do: drawn at random, and the same whatever order the files came in."""

from collections.abc import Callable

import numpy as np
import polars as pl

from facegap.data.templates import Templates
from facegap.errors import InputError


def check_draws(sample: int | None, most_images: int | None, rng: np.random.Generator | None) -> None:
    """Refuse what cannot be drawn.

    Raises:
        InputError: a number is too small, or there is no `rng` to draw with.
    """
    if sample is not None and sample < 1:
        raise InputError("a sample of {sample} images per cohort is too small: expected 1 or more", sample=sample)
    if most_images is not None and most_images < 2:
        raise InputError(
            "at most {most_images} images of each subject leave no genuine comparison: expected 2 or more",
            most_images=most_images,
        )
    if rng is None and (sample, most_images) != (None, None):
        if most_images is None:
            raise InputError("a sample is drawn at random: give rng as well")
        raise InputError("the images of each subject are drawn at random: give rng as well")


def of_units(frame: pl.DataFrame, draw: Callable[[pl.DataFrame], np.ndarray]) -> np.ndarray:
    """Return the rows, rising, of all images of the templates that `draw` takes: it sees a row for each of these."""
    templates = Templates.among(frame)
    return np.flatnonzero(np.isin(templates.of, draw(frame[templates.first])))


def few_of_each(frame: pl.DataFrame, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return the rows, rising, of at most `most` random images of each subject within each cohort.

    `frame` has the columns `subject` and `cohort`. Its rows are in an order that does not come from the file system.
    """
    # Every row gets a place in one random order; a subject keeps those of its images that come first there.
    places = pl.Series("place", rng.permutation(frame.height))
    rank = frame.select("subject", "cohort", places).select(pl.col("place").rank("ordinal").over("subject", "cohort"))
    return np.flatnonzero(rank.to_series().to_numpy() <= most)


def sample_of_each(cohort: pl.Series, cohorts: tuple[str, ...], sample: int, rng: np.random.Generator) -> np.ndarray:
    """Return the rows, rising, of `sample` random images of each cohort, or of all where it has fewer."""
    drawn = []
    for name in cohorts:
        rows = (cohort == name).arg_true().to_numpy()
        drawn.append(rng.choice(rows, min(sample, len(rows)), replace=False) if len(rows) else rows)
    return np.sort(np.concatenate(drawn))
