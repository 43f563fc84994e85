"""Rates as functions of four counts: so each is known, exactly, without any subject too.

TP and FP: accepted genuine and impostor comparisons, G and I: all of them. The counts are numbers or arrays, real or,
for derivatives, complex.
"""

from collections.abc import Callable
from typing import Any

Formula = Callable[..., Any]
"""From TP, FP, G and I to a number."""

STEP = 1e-30
"""Step of the complex derivative: it has no rounding error, however small the step is (Squire & Trapp, 1998)."""


def fmr(tp, fp, g, i):
    """Return the false match rate: accepted impostor comparisons over impostor comparisons."""
    return fp / i


def fnmr(tp, fp, g, i):
    """Return the false non-match rate: rejected genuine comparisons over genuine comparisons."""
    return (g - tp) / g


def recall(tp, fp, g, i):
    """Return the share of the genuine comparisons that are accepted: 1 - FNMR."""
    return tp / g


def accuracy(tp, fp, g, i):
    """Return the share of all comparisons decided rightly."""
    return (tp + i - fp) / (g + i)


def precision(tp, fp, g, i):
    """Return the share of the accepted comparisons that are genuine."""
    return tp / (tp + fp)


def f1(tp, fp, g, i):
    """Return the harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)."""
    return 2 * tp / (tp + fp + g)


def accuracy_at(share: float) -> Formula:
    """Return accuracy if `share` (p) of the comparisons were genuine: p TPR + (1 - p) (1 - FPR)."""

    def formula(tp, fp, g, i):
        true, false = _weighed(share, tp, fp, g, i)
        return true + (1 - share) - false

    return formula


def precision_at(share: float) -> Formula:
    """Return precision if `share` (p) of the comparisons were genuine: p TPR / (p TPR + (1 - p) FPR)."""

    def formula(tp, fp, g, i):
        true, false = _weighed(share, tp, fp, g, i)
        return true / (true + false)

    return formula


def f1_at(share: float) -> Formula:
    """Return F1 if `share` (p) of the comparisons were genuine: 2 p TPR / (p TPR + (1 - p) FPR + p)."""

    def formula(tp, fp, g, i):
        true, false = _weighed(share, tp, fp, g, i)
        return 2 * true / (true + false + share)

    return formula


def _weighed(share: float, tp, fp, g, i) -> tuple:
    """Return p TPR and (1 - p) FPR, with the share p."""
    return share * (tp / g) if share > 0 else 0.0 * tp, (1 - share) * (fp / i) if share < 1 else 0.0 * fp


def gradient(formula: Formula, counts: tuple[float, ...]) -> list[float]:
    """Return the derivatives of a formula by each of its counts."""
    found = []
    for k in range(len(counts)):
        moved = [complex(count, STEP if k == j else 0.0) for j, count in enumerate(counts)]
        found.append(float(formula(*moved).imag) / STEP)
    return found


def of_impostors(tp, fp, g, i) -> tuple:
    """Return the false and the right decisions about impostor comparisons."""
    return fp, i - fp


def of_genuine(tp, fp, g, i) -> tuple:
    """Return the false and the right decisions about genuine comparisons."""
    return g - tp, tp


def of_all(tp, fp, g, i) -> tuple:
    """Return the false and the right decisions about all comparisons."""
    return g - tp + fp, tp + i - fp


def of_accepted(tp, fp, g, i) -> tuple:
    """Return the false and the right ones among the accepted comparisons."""
    return fp, tp
