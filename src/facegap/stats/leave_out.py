"""A number without each subject in turn: the one thing that intervals and tests are made of."""

import numpy as np


def first_order(
    value: float, own: np.ndarray, shared: np.ndarray, own_part: np.ndarray, shared_part: np.ndarray
) -> np.ndarray:
    """Return (n,) the number without each of n subjects, by the subject's influence and leverage.

    `own`, `shared`: (n,) influences through a subject's own comparisons and through those shared with others.
    `own_part`, `shared_part`: (n,) the subject's part of all such comparisons, each below 1. For a ratio of sums it is
    exact. An influence alone takes a subject with many comparisons for too light (MacKinnon, Nielsen & Webb, arXiv
    2406.08880, 2024).
    """
    return value - own / (1 - own_part) - shared / (1 - shared_part)


def jackknife_variance(moves: np.ndarray) -> float:
    """Return the variance of a number that each of n subjects moves by so much when left out.

    (n - 1) / n times the sum of squares about their mean (Tukey 1958; Efron & Stein, Annals of Statistics 9, 1981). NaN
    for fewer than two.
    """
    n = len(moves)
    return (n - 1) / n * float(((moves - moves.mean()) ** 2).sum()) if n > 1 else float("nan")


def jackknife_bias(value: float, left_out: np.ndarray) -> float:
    """Return by how much a number lies too high on the average, to first order (Quenouille, Biometrika 43, 1956)."""
    return (len(left_out) - 1) * float(left_out.mean() - value)


def degrees_of_freedom(moves: np.ndarray) -> float:
    """Return the degrees of freedom of the variance that (n,) moves give, from 2 (at most n - 1) to n - 1.

    The variance of a sample variance depends on the kurtosis; Satterthwaite's match (Biometrics Bulletin 2, 1946) with
    the kurtosis that the moves show in place of the normal one. With less than 2 a variance has no mean (of a
    t-distribution), so fewer mean nothing.
    """
    n, most = len(moves), max(len(moves) - 1.0, 1.0)
    beyond = max(kurtosis(moves) - 3, 0.0)
    return min(max(2 * n / (2 * n / most + beyond), min(2.0, most)), most)


def kurtosis(moves: np.ndarray) -> float:
    """Return the fourth moment about the mean over the square of the second: 3 for normal moves, 0 without spread."""
    apart = moves - moves.mean()
    squares = float((apart**2).sum())
    return len(moves) * float((apart**4).sum()) / squares**2 if squares else 0.0
