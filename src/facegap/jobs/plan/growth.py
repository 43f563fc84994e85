"""How many more subjects it takes until an interval lies on one side of a limit."""

from math import inf, log, sqrt

from scipy import special

from facegap.jobs.plan.planning import errors_apart
from facegap.metrics.rates import RESOLVABLE

POWER = 0.8
"""The chance that the larger study can tell, if the value stays where it is."""

MOST_GROWTH = 100
"""A study is not planned to more than so many times its subjects: the value then lies at the limit for all one can
tell."""


def growth(value: float, low: float, high: float, limit: float, level: float) -> float:
    """Return by how many times the subjects must grow, images of each as now, until a rate can be told from its limit.

    `value`, `low`, `high`: the rate with its interval at `level`, the limit within it. The standard error on the logit
    scale falls with the square root of the number of subjects, as in the law of a plan (see `law.Law`) with the images
    of each held fixed; it must be so small that the test finds the distance with `POWER`. A rate of 0 is bounded by the
    rule of three over the subjects, and so is one of 1.
    """
    if value in (0.0, 1.0):
        now, then = (high, limit) if value == 0 else (1 - low, 1 - limit)
        return log(1 - now) / log(1 - then) if now < 1 else inf
    quantile = float(special.ndtri((1 + level) / 2))
    half = abs(special.logit(high if value <= limit else low) - special.logit(value))
    distance = abs(special.logit(limit) - special.logit(value))
    return inf if distance == 0 else float(errors_apart(POWER, quantile, inf) * half / quantile / distance) ** 2


def fewest_subjects(rate: str, limit: float, level: float, images: float) -> int:
    """Return how many subjects it takes at least to tell anything of a rate, with so many `images` of each.

    FNMR: as many as bound a rate without errors by the limit. FMR: as many as let ten false matches be expected there.
    """
    if rate == "fnmr":
        return int(log(1 - level) / log(1 - limit)) + 1
    return int((1 + sqrt(1 + 8 * RESOLVABLE / limit) / images) / 2) + 1
