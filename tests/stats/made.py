"""Estimates of populations that never were."""

import numpy as np

from facegap.stats import LOGIT, PLAIN, Estimate, Scale, limits


def estimate(
    value: float,
    moves: np.ndarray,
    *,
    first: int = 0,
    errors: int | None = 50,
    compared: Scale = PLAIN,
    scale: Scale = LOGIT,
    shared: bool = False,
    **more,
) -> Estimate:
    """Return a number that subjects `first`, `first` + 1, ... move by `moves` when they are left out."""
    n = len(moves)
    nothing = np.zeros(n)
    own, both = (nothing, moves) if shared else (moves, nothing)
    subject = np.arange(first, first + n)
    kind = {"errors": errors, "participants": n, "scale": scale, "compared": compared}
    return Estimate(value, subject, value - moves, own, both, **(kind | more))


def moves(rng: np.random.Generator, n: int, size: float, heavy: bool = False) -> np.ndarray:
    """Return (n,) moves about 0 of a standard error of about `size`; heavy: a few subjects make most of it."""
    drawn = rng.standard_gamma(0.1 if heavy else 20, n)
    drawn = drawn - drawn.mean()
    return size * drawn / np.sqrt((drawn**2).sum())


def interval(one: Estimate, level: float) -> tuple[float, float]:
    return limits(one)(level)
