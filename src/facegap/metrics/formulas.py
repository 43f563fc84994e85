"""Rates as functions of four counts: so each is known, exactly, without any subject too.

TP and FP: accepted genuine and impostor comparisons, G and I: all of them. The counts are numbers or arrays, real or,
for derivatives, complex.
"""

from collections.abc import Callable
from typing import Any

Formula = Callable[..., Any]

RATES: dict[str, Formula] = {
    "fmr": lambda tp, fp, g, i: fp / i,
    "fnmr": lambda tp, fp, g, i: (g - tp) / g,
    "recall": lambda tp, fp, g, i: tp / g,
}
"""See `rates.Point` for what they mean."""

STEP = 1e-30
"""Step of the complex derivative: it has no rounding error, however small the step is (Squire & Trapp, 1998)."""


def at_share(metric: str, share: float) -> Formula:
    """Return accuracy, precision or F1 if `share` of the comparisons were genuine.

    With p the share and TPR and FPR the rates: p TPR + (1 - p) (1 - FPR), p TPR / (p TPR + (1 - p) FPR), and
    2 p TPR / (p TPR + (1 - p) FPR + p).
    """

    def formula(tp, fp, g, i):
        true = share * (tp / g) if share > 0 else 0.0 * tp
        false = (1 - share) * (fp / i) if share < 1 else 0.0 * fp
        if metric == "accuracy":
            return true + (1 - share) - false
        return true / (true + false) if metric == "precision" else 2 * true / (true + false + share)

    return formula


def gradient(formula: Formula, counts: tuple[float, ...]) -> list[float]:
    """Return the derivatives of a formula by each of its counts."""
    found = []
    for k in range(len(counts)):
        moved = [complex(count, STEP if k == j else 0.0) for j, count in enumerate(counts)]
        found.append(float(formula(*moved).imag) / STEP)
    return found
