"""From scores to likelihood ratios: by pooling adjacent violators, or by a line on the log odds."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy  # loads its parts when they are used

from facegap.errors import InputError
from facegap.jobs.calibrate.counted import CountedScores
from facegap.metrics.rates import RESOLVABLE

Method = Literal["logistic", "isotonic"]
"""How a score becomes a likelihood ratio."""


@dataclass(frozen=True)
class Ratios:
    """Likelihood ratios over the score: straight between points, level beyond the outermost.

    `similarity` (n,) rising, `log10_lr` (n,) rising: the base-10 logarithm of how many times as probable the score is
    between two images of one subject as between images of two.
    """

    similarity: np.ndarray
    log10_lr: np.ndarray

    def __call__(self, similarity: np.ndarray) -> np.ndarray:
        """Return the base-10 logarithms of the likelihood ratios of some scores."""
        return np.interp(similarity, self.similarity, self.log10_lr)


def fit(scores: CountedScores, method: Method) -> Ratios:
    """Return the map that a method finds on some scores; genuine and impostor comparisons weigh the same in all.

    A likelihood ratio is a posterior odds at even priors, so both methods are fitted to the two kinds of comparison as
    if there were equally many. No ratio goes beyond what the comparisons can tell, see `limits`.

    Raises:
        InputError: there are too few comparisons, or genuine scores are no closer than impostor scores.
    """
    if min(scores.n_genuine, scores.n_impostor) <= RESOLVABLE:
        raise InputError(
            "{n_genuine} genuine and {n_impostor} impostor comparisons are too few for likelihood ratios: more than "
            "{resolvable} of each are needed",
            n_genuine=scores.n_genuine,
            n_impostor=scores.n_impostor,
            resolvable=RESOLVABLE,
        )
    return logistic(scores) if method == "logistic" else isotonic(scores)


def limits(scores: CountedScores) -> tuple[float, float]:
    """Return the lowest and the highest log10 likelihood ratio that so many comparisons can tell.

    The rule of ten: a share of genuine or impostor comparisons below ten of them is not resolved.
    """
    return float(np.log10(RESOLVABLE / scores.n_genuine)), float(np.log10(scores.n_impostor / RESOLVABLE))


def pooled(scores: CountedScores) -> tuple[np.ndarray, np.ndarray]:
    """Return the blocks of scores that share a likelihood ratio, and log10 of the ratio of each.

    Pooling adjacent violators (Ayer et al., Annals of Mathematical Statistics 26, 1955) gives the rising map of least
    loss on the data, by any proper rule (Brümmer & du Preez, arXiv 1304.2331). Block k, of m, holds scores `starts[k]`
    up to `starts[k + 1]`. A block without impostors has an infinite ratio, one without genuine comparisons none.
    """
    from scipy import optimize  # only to fit: who uses a map need not wait for it

    genuine, impostor = scores.shares
    weights = genuine + impostor
    starts = optimize.isotonic_regression(genuine / weights, weights=weights).blocks
    with np.errstate(divide="ignore"):
        ratio = np.add.reduceat(genuine, starts[:-1]) / np.add.reduceat(impostor, starts[:-1])
        return starts, np.log10(ratio)


def isotonic(scores: CountedScores) -> Ratios:
    """Return the rising map that fits best: level within a block, straight between blocks."""
    starts, ratio = pooled(scores)
    ends = np.unique(np.r_[starts[:-1], starts[1:] - 1])
    block = np.searchsorted(starts, ends, side="right") - 1
    return Ratios(scores.similarity[ends], np.clip(ratio[block], *limits(scores)))


def logistic(scores: CountedScores) -> Ratios:
    """Return the map whose log likelihood ratio is a line over the score: logistic regression at even priors.

    Targets are Platt's, (G + 1) / (G + 2) and 1 / (I + 2) for G genuine and I impostor comparisons, so that scores
    without overlap have a slope too (Platt, in Advances in Large Margin Classifiers, 2000; Brümmer & du Preez,
    Computer Speech & Language 20, 2006).
    """
    from scipy import optimize

    genuine, impostor = scores.shares
    hit, false = (scores.n_genuine + 1) / (scores.n_genuine + 2), 1 / (scores.n_impostor + 2)
    same, different = genuine * hit + impostor * false, genuine * (1 - hit) + impostor * (1 - false)
    both = same + different
    centre = both @ scores.similarity / 2
    spread = float(np.sqrt(both @ (scores.similarity - centre) ** 2 / 2))
    features = np.stack([np.ones(len(both)), (scores.similarity - centre) / (spread or 1.0)])

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        odds = line @ features
        cost = same @ np.logaddexp(0, -odds) + different @ np.logaddexp(0, odds)
        return float(cost), features @ (both * scipy.special.expit(odds) - same)

    def curvature(line: np.ndarray) -> np.ndarray:
        chance = scipy.special.expit(line @ features)
        return (features * (both * chance * (1 - chance))) @ features.T

    found = optimize.minimize(
        loss, np.zeros(2), jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-10}
    )
    level, slope = found.x / np.log(10)
    if slope <= 0:
        raise InputError("genuine scores are no closer than impostor scores here: there is nothing to calibrate")
    ends = np.array(limits(scores))
    return Ratios(centre + (ends - level) / slope * (spread or 1.0), ends)
