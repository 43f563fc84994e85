"""How much likelihood ratios cost those who rely on them."""

import msgspec
import numpy as np

from facegap.jobs.calibrate.counted import CountedScores
from facegap.jobs.calibrate.maps import Ratios, limits, pooled


class Judged(msgspec.Struct, frozen=True):
    """What likelihood ratios cost on some comparisons, in bits; see `cllr`.

    `on`: which comparisons. `unseen`: whether the map was fitted on others. `before`: the score itself read as a
    probability, see `as_probability`. `after`: the map. `least`: the best that any rising map could do, found on
    these very comparisons. What lies between `after` and `least` is the loss by calibration.
    """

    on: str
    unseen: bool
    n_genuine: int
    n_impostor: int
    before: float
    after: float
    least: float

    @property
    def loss(self) -> float:
        """What better calibration could still save."""
        return self.after - self.least


def cllr(scores: CountedScores, log10_lr: np.ndarray) -> float:
    """Return the cost of log likelihood ratios, of which `log10_lr` (n,) holds one for each score.

    Cllr = (mean over genuine of log2(1 + 1 / LR) + mean over impostor of log2(1 + LR)) / 2 (Brümmer & du Preez,
    Computer Speech & Language 20, 2006). 0 is perfect, 1 is what no evidence costs (the ratio 1 for
    every score), and more is misleading.
    """
    total = 0.0
    for share, evidence in zip(scores.shares, (-log10_lr, log10_lr), strict=True):
        seen = share > 0
        total += float(share[seen] @ np.logaddexp2(0, np.log2(10) * evidence[seen]))
    return total / 2


def least_cllr(scores: CountedScores) -> float:
    """Return the least Cllr that a rising map could have had on these scores: that of pooling adjacent violators."""
    starts, ratio = pooled(scores)
    return cllr(scores, np.repeat(ratio, np.diff(starts)))


def as_probability(scores: CountedScores) -> np.ndarray:
    """Return log10 likelihood ratios (n,) for scores that are taken for probabilities.

    That is what a product does that shows a similarity as "87 %": 0 at the lowest score seen, 1 at the highest, even
    priors. They are kept within the same `limits` as a map's.
    """
    low, high = scores.similarity[[0, -1]]
    with np.errstate(divide="ignore"):
        odds = np.log10(scores.similarity - low) - np.log10(high - scores.similarity)
    return np.clip(odds, *limits(scores))


def judge(scores: CountedScores, ratios: Ratios, *, on: str, unseen: bool) -> Judged:
    """Return what a map costs on some scores."""
    return Judged(
        on=on,
        unseen=unseen,
        n_genuine=scores.n_genuine,
        n_impostor=scores.n_impostor,
        before=cllr(scores, as_probability(scores)),
        after=cllr(scores, ratios(scores.similarity)),
        least=least_cllr(scores),
    )
