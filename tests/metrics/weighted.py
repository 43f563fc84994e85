"""Metrics from plain comparisons whose subjects have weights: what influences are held against."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import pytest

from facegap.data.across import sharing
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.metrics.evaluated import thresholds_to_evaluate
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.metrics.registry import point_metric
from facegap.scoring import compare_all, compare_subjects
from facegap.stats import Combination, Estimate
from oracle import scores

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)

LIMIT = 0.01


class Weighted:
    """All statistics of a list of comparisons under weights on the subjects, one plain sum at a time.

    `values` (P,) similarity, -inf where a comparison failed and counts as rejected; `same` (P,); `sides` (P, 2)
    places of the two subjects among S.
    """

    def __init__(self, values: np.ndarray, same: np.ndarray, sides: np.ndarray):
        order = np.argsort(-values.astype(np.float64), kind="stable")
        self.values, self.same, self.sides = values.astype(np.float64)[order], same[order], sides[order]
        self.made = np.isfinite(self.values)
        self.last: tuple[bytes, np.ndarray, np.ndarray] = (b"", np.empty(0), np.empty(0))
        self.weighed: dict[bytes, np.ndarray] = {}

    @cached_property
    def ends(self) -> np.ndarray:
        """Where each run of equal scores ends, strictest first."""
        return np.flatnonzero(np.r_[self.values[1:] != self.values[:-1], True])

    def masses(self, w: np.ndarray) -> np.ndarray:
        """Return (2, P): a genuine comparison weighs w_s, an impostor comparison w_s w_r; every statistic asks anew."""
        if (made := self.weighed.get(w.tobytes())) is None:
            one, other = w[self.sides[:, 0]], w[self.sides[:, 1]]
            made = np.stack([np.where(self.same, one, 0), np.where(self.same, 0, one * other)])
            self.weighed[w.tobytes()] = made
        return made

    def roc(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.last[0] != w.tobytes():
            masses = self.masses(w)
            tar, fmr = masses.cumsum(axis=1)[:, self.ends] / masses.sum(axis=1, keepdims=True)
            self.last = w.tobytes(), np.r_[0, fmr], np.r_[0, tar]
        return self.last[1:]

    def auc(self, w: np.ndarray) -> float:
        fmr, tar = self.roc(w)
        return float(np.trapezoid(tar, fmr))

    def partial_auc(self, w: np.ndarray) -> float:
        fmr, tar = self.roc(w)
        x = np.r_[fmr[fmr < LIMIT], LIMIT]
        area, least = np.trapezoid(np.r_[tar[fmr < LIMIT], np.interp(LIMIT, fmr, tar)], x), LIMIT**2 / 2
        return float((1 + (area - least) / (LIMIT - least)) / 2)

    def eer(self, w: np.ndarray) -> float:
        fmr, tar = self.roc(w)
        k = int(np.argmax(fmr + tar >= 1))
        step = (1 - fmr[k - 1] - tar[k - 1]) / (fmr[k] + tar[k] - fmr[k - 1] - tar[k - 1])
        return float(fmr[k - 1] + step * (fmr[k] - fmr[k - 1]))

    def eer_threshold(self, w: np.ndarray) -> float:
        fmr, tar = self.roc(w)
        return float(self.values[self.ends][np.argmin(np.abs(fmr + tar - 1)[1:])])

    def _within(self, w: np.ndarray, limit: float) -> int:
        return int((self.roc(w)[0] <= limit).sum()) - 1

    def tar(self, w: np.ndarray, limit: float) -> float:
        return float(self.roc(w)[1][self._within(w, limit)])

    def tar_threshold(self, w: np.ndarray, limit: float) -> float:
        return float(self.values[self.ends][max(self._within(w, limit) - 1, 0)])

    def sums(self, w: np.ndarray, similarity: float) -> tuple[float, float, float, float]:
        """Return TP, FP, G and I."""
        genuine, impostor = self.masses(w)
        accepted = self.values >= similarity
        return genuine[accepted].sum(), impostor[accepted].sum(), genuine.sum(), impostor.sum()

    def at(self, metric: str, w: np.ndarray, similarity: float, share: float | None = None) -> float:
        tp, fp, g, i = self.sums(w, similarity)
        if metric == "fmr":
            return fp / i
        if metric in ("fnmr", "recall"):
            return {"fnmr": 1 - tp / g, "recall": tp / g}[metric]
        if share is None:
            whole = self.sums(np.ones(len(w)), similarity)
            share = whole[2] / (whole[2] + whole[3])
        tp, fp, g, i = share * tp / max(g, 1e-9), (1 - share) * fp / i, share, 1 - share
        return {"accuracy": tp + i - fp, "precision": tp / (tp + fp or 1), "f1": 2 * tp / (tp + fp + g or 1)}[metric]

    def d_prime(self, w: np.ndarray) -> float:
        masses, made = self.masses(w), self.made
        means = [np.average(self.values[made], weights=m[made]) for m in masses]
        widths = [np.average((self.values[made] - x) ** 2, weights=m[made]) for m, x in zip(masses, means, strict=True)]
        return abs(means[0] - means[1]) / float(np.sqrt(sum(widths) / 2))


def derivative(statistic: Callable[[np.ndarray], float], subjects: int, step: float = 1e-4) -> np.ndarray:
    """Return (S,) the derivative by each subject's weight, less its mean: what is resampled keeps their number."""
    slopes = np.empty(subjects)
    for s in range(subjects):
        up, down = np.ones(subjects), np.ones(subjects)
        up[s], down[s] = 1 + step, 1 - step
        slopes[s] = (statistic(up) - statistic(down)) / (2 * step)
    return slopes


def assert_influence(estimate: Estimate, statistic: Callable[[np.ndarray], float], subjects: int, name: str) -> None:
    """Hold the influences against derivatives, and the numbers without a subject against a weight of nothing."""
    assert estimate.value == pytest.approx(statistic(np.ones(subjects)), abs=1e-9), name
    expected = derivative(statistic, subjects)
    left_out = np.setdiff1d(np.arange(subjects), estimate.subject)
    assert np.abs(expected[left_out]).max(initial=0) < 1e-9 * np.abs(expected).max(), name
    expected = expected[estimate.subject] - expected[estimate.subject].mean()
    size = np.abs(expected).max()
    assert size > 0, name
    assert np.abs(estimate.own + estimate.shared - expected).max() < 1e-6 * size, name
    if name in EXACT:
        moved = without_each(statistic, subjects)[estimate.subject] - estimate.value
        assert np.abs(estimate.left_out - estimate.value - moved).max() < EXACT[name] * np.abs(moved).max(), name


EXACT = {
    **dict.fromkeys(("fmr", "fnmr", "recall", "accuracy", "precision", "f1"), 1e-9),
    **dict.fromkeys(("precision at a share", "f1 at a share", "fta"), 1e-9),
    "d_prime": 1e-6,
    "auc": 0.1,
}
"""How far a number without a subject may lie from the naive one, as a share of the largest move."""


def without_each(statistic: Callable[[np.ndarray], float], subjects: int) -> np.ndarray:
    """Return (S,) the statistic with each subject's weight set to 0."""
    return np.array([statistic(1.0 - np.eye(subjects)[s]) for s in range(subjects)])


def crowd(rng, subjects, images, comparator, spread=1.0):
    """Return vectors whose products are exact in float32 and who belong to subjects, some with hardly any images."""
    subject = np.repeat(np.arange(subjects), rng.integers(1, images + 1, subjects))
    if comparator is Comparator.COSINE:
        centre = rng.choice([-1.0, 1.0], (subjects, 64))
        own = 0.3 * spread * rng.uniform(0.7, 1.3, subjects)
        flipped = rng.random((len(subject), 64)) < own[subject, None]
        return np.where(flipped, -centre[subject], centre[subject]).astype(np.float32), subject
    centre, own = rng.normal(0, 40, (subjects, 24)), 35 * spread * rng.uniform(0.7, 1.3, subjects)
    return np.rint(centre[subject] + own[subject, None] * rng.normal(size=(len(subject), 24))).astype(np.float32) / 8, (
        subject
    )


def study(seed, comparator, *, failed=0.0, cohorts=1, rejected=False, subjects=30, images=7, shared=False):
    """Return each population's `SubjectRates` and the same comparisons for the naive reading.

    `shared`: the images of a subject lie in all cohorts, so that there are genuine comparisons across them.
    """
    rng = np.random.default_rng(seed)
    vectors, subject = crowd(rng, subjects, images, comparator)
    place = np.arange(len(subject)) if shared else subject
    cohort, ok = (place % cohorts).astype(np.int32), rng.random(len(subject)) >= failed
    values, same, rows = scores(vectors, subject, comparator)
    made, where = ok[rows].all(axis=1), np.sort(cohort[rows], axis=1)
    values = np.where(made, values, -np.inf)
    vectors[~ok] = np.nan
    names = tuple(f"c{c}" for c in range(cohorts))
    # A threshold of its own that is exact: the middle of the genuine scores, in the native unit.
    middle = comparator.sign * float(np.quantile(values[same & made], 0.3, method="nearest"))
    tally = compare_all(
        vectors, subject.astype(np.int32), cohort, ok, comparator=comparator, cohorts=names, thresholds=[middle]
    )

    def rates(counts) -> Rates:
        return Rates(counts.with_failures_rejected() if rejected else counts)

    def tail(counts) -> float:
        return float(comparator.cut(rates(counts).loosest_within(LIMIT).threshold))

    across = sharing(subject, cohort, names)
    assert bool(across) == shared
    tails, wide_tail = {name: tail(tally.between(name, name)) for name in names}, tail(tally.pooled())
    tails |= {name: tail(tally.between(*ends)) for name, ends in across.items()}
    by_subject = compare_subjects(
        vectors, subject.astype(np.int32), cohort, ok, tally, tails=tails, wide_tail=wide_tail,
        evaluated=np.r_[thresholds_to_evaluate(tally, [middle], across=across).similarity, wide_tail,
        list(tails.values())].astype(np.float32),
    )  # fmt: skip

    def population(counts, of_subjects, inside):
        taken = inside & (made | rejected)
        return SubjectRates(of_subjects, rates(counts), rejected), Weighted(
            values[taken], same[taken], subject[rows[taken]]
        )

    found = {"all": population(tally.pooled(), by_subject.pooled(), np.ones(len(values), bool))}
    for q in range(cohorts):
        for p in range(q + 1):
            inside, pair = (where[:, 0] == p) & (where[:, 1] == q), (names[p], names[q])
            found["-".join(pair)] = population(tally.between(*pair), by_subject.between(*pair), inside)
    return found, float(comparator.cut(middle))


def check(rates: SubjectRates, naive: Weighted, middle: float, subjects: int, *, genuine: bool = True) -> None:
    thresholds = [middle, float(rates.counts.evaluated[len(rates.counts.evaluated) // 2])]
    for similarity in thresholds:
        for metric in ("fmr", "fnmr", "recall", "accuracy", "precision", "f1") if genuine else ("fmr", "accuracy"):
            estimate = rates.at(point_metric(metric), similarity)
            assert_influence(estimate, lambda w, m=metric, c=similarity: naive.at(m, w, c), subjects, metric)
        for metric in ("precision", "f1") if genuine else ():
            estimate = rates.at(point_metric(metric), similarity, 0.3)
            assert_influence(
                estimate, lambda w, m=metric, c=similarity: naive.at(m, w, c, 0.3), subjects, f"{metric} at a share"
            )
    if genuine:
        assert_influence(rates.auc(), naive.auc, subjects, "auc")
        assert_influence(rates.d_prime(), naive.d_prime, subjects, "d_prime")


def se(estimate: Estimate) -> float:
    return Combination(((1.0, estimate),)).se


def plain_se(estimate: Estimate) -> float:
    """Return the standard error with what is peculiar to pairs of subjects counted twice, as the bootstrap has it."""
    found = Combination(((1.0, estimate),))
    return float(np.sqrt(found.variance + found.double_counted))
