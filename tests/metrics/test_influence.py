"""Every number without each subject, held against a naive reading of every statistic under weights on the subjects."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.across import sharing
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.source import Pairs
from facegap.data.spec import ModelSpec
from facegap.metrics import chosen
from facegap.metrics.evaluated import thresholds_to_evaluate
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.metrics.registry import point_metric
from facegap.metrics.scored import MeasuredModel
from facegap.scoring import ListedComparisons, blocks_of_pairs, compare_all, compare_subjects, score_pairs
from facegap.stats import LOG, Combination, Estimate
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

    @cached_property
    def ends(self) -> np.ndarray:
        """Where each run of equal scores ends, strictest first."""
        return np.flatnonzero(np.r_[self.values[1:] != self.values[:-1], True])

    def masses(self, w: np.ndarray) -> np.ndarray:
        """Return (2, P): a genuine comparison weighs w_s, an impostor comparison w_s w_r."""
        one, both = w[self.sides[:, 0]], w[self.sides].prod(axis=1)
        return np.stack([np.where(self.same, one, 0), np.where(self.same, 0, both)])

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


@BOTH
@pytest.mark.parametrize(("failed", "rejected"), [(0.0, False), (0.15, False), (0.15, True)])
def test_influences_are_derivatives_by_the_weights_of_subjects(comparator, failed, rejected):
    found, middle = study(1, comparator, failed=failed, rejected=rejected)
    check(*found["all"], middle, 30)


@BOTH
@pytest.mark.parametrize(("rejected", "shared"), [(False, False), (True, False), (False, True), (True, True)])
def test_influences_of_each_cohort_across_them_and_of_all_together(comparator, rejected, shared):
    found, middle = study(2, comparator, failed=0.1, cohorts=2, rejected=rejected, subjects=30, shared=shared)
    for name, (rates, naive) in found.items():
        check(rates, naive, middle, 30, genuine=shared or name != "c0-c1")


@pytest.mark.parametrize("rejected", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_partial_area_moves_as_the_weights_of_subjects_say(seed, rejected):
    """Distances, whose scores are hardly ever tied: the area is bent where the edge itself falls on tied scores."""
    found, _ = study(seed, Comparator.EUCLIDEAN, failed=0.1, cohorts=2, rejected=rejected, subjects=40)
    found |= {"across": study(seed, Comparator.EUCLIDEAN, failed=0.1, cohorts=2, rejected=rejected, subjects=40,
                              shared=True)[0]["c0-c1"]}  # fmt: skip
    for name in ("all", "c0-c0", "c1-c1", "across"):
        rates, naive = found[name]
        assert rates.rates.resolvable(LIMIT)
        assert_influence(rates.partial_auc(LIMIT), naive.partial_auc, 40, name)


@BOTH
def test_influences_of_a_list_of_pairs(comparator):
    rng = np.random.default_rng(5)
    vectors, subject = crowd(rng, 25, 6, comparator)
    rows = np.array([(a, b) for a in range(len(subject)) for b in range(a + 1, len(subject))])
    same = subject[rows[:, 0]] == subject[rows[:, 1]]
    chosen = np.r_[np.flatnonzero(same), rng.permutation(np.flatnonzero(~same))[:400]]
    a, b = rows[chosen].T
    pairs, ok = Pairs(a, b, same[chosen], np.zeros(len(a), np.int64)), np.ones(len(vectors), bool)
    values = score_pairs(vectors, pairs, comparator)
    middle = comparator.sign * float(np.median(values[pairs.same]))
    blocks, cohort = blocks_of_pairs(vectors, ok, pairs, comparator), np.zeros(len(vectors), np.int32)
    comparisons = ListedComparisons(blocks, comparator, subject, cohort, ("list",))
    tally = comparisons.count([middle])
    evaluated = thresholds_to_evaluate(tally, [middle])
    found = comparisons.count_by_subject(
        tally, evaluated=evaluated.similarity, tails=evaluated.tails, wide_tail=evaluated.wide_tail
    )
    naive = Weighted(values, pairs.same, np.stack([subject[a], subject[b]], axis=1))
    check(SubjectRates(found.pooled(), Rates(tally.pooled())), naive, float(comparator.cut(middle)), 25)


def test_failures_to_acquire_move_with_the_subjects_whose_images_failed():
    rng = np.random.default_rng(8)
    subject = np.unique(rng.integers(0, 20, 120), return_inverse=True)[1]
    subject.sort()
    cohort, failed = subject % 2, rng.random(120) < 0.2
    frame = pl.DataFrame(
        {
            "path": [f"{i:03}.jpg" for i in range(120)],
            "subject": [f"s{s:02}" for s in subject],
            "cohort": ["ab"[c] for c in cohort],
        }
    )
    vectors = np.where(failed[:, None], np.nan, rng.normal(size=(120, 16))).astype(np.float32)
    embeddings = Embeddings(vectors, failed.astype(np.uint8), (None,) * 120, np.full((120, 4), np.nan, np.float32))
    manifest, spec = Manifest(frame, ("a", "b"), "s"), ModelSpec("m", "python", "1", "", 0, 16, Comparator.COSINE)
    one = facegap.score(embeddings, manifest, spec, workers=1)
    measured = MeasuredModel.of(one, manifest, failures="excluded", genuine_share=None, threshold_from=())
    for name, inside in (("a", cohort == 0), ("b", cohort == 1), ("all", cohort >= 0)):
        fta = measured.shown()[name].estimates["fta", ""]
        s, bad = subject[inside], failed[inside]
        assert fta.errors == bad.sum()
        assert_influence(fta, lambda w, s=s, bad=bad: float((w[s] * bad).sum() / w[s].sum()), 19, "fta")


@BOTH
def test_standard_errors_are_those_of_the_jackknife_over_subjects(comparator):
    """Where pairs of subjects add nothing: that of a rate over genuine comparisons, and of an area."""
    found, middle = study(6, comparator, subjects=60, images=5)
    rates, naive = found["all"]
    cases = {
        "auc": (rates.auc(), naive.auc),
        "fnmr": (rates.fnmr(middle), lambda w: naive.at("fnmr", w, middle)),
    }
    for name, (estimate, statistic) in cases.items():
        without = without_each(statistic, 60)[estimate.subject]
        n = len(without)
        expected = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
        assert se(estimate) == pytest.approx(expected, rel=0.02), name


def test_a_subject_with_all_errors_leaves_none_behind():
    """The subject's own genuine scores below its own impostor scores are all that the area lacks."""
    subject = np.repeat(np.arange(6), 4)
    vectors = np.eye(6)[subject] * 4 + 0.01 * np.random.default_rng(0).normal(size=(24, 6))
    vectors[0] = [0, 4, 4, 0, 0, 0]
    n = len(subject)
    given = (vectors.astype(np.float32), subject.astype(np.int32), np.zeros(n, np.int32), np.ones(n, bool))
    tally = compare_all(*given, comparator=Comparator.COSINE, cohorts=("c",))
    evaluated = thresholds_to_evaluate(tally, [])
    counts = compare_subjects(
        *given, tally, evaluated=evaluated.similarity, tails=evaluated.tails, wide_tail=evaluated.wide_tail
    )
    auc = SubjectRates(counts.pooled(), Rates(tally.pooled())).auc()
    assert auc.value < 1
    assert auc.left_out[0] == pytest.approx(1)
    assert (auc.left_out[1:] < 1).all()
    assert auc.one_carries


REPLICATES = 400


@pytest.fixture(scope="module")
def resampled():
    """Subjects drawn with replacement, and every comparison of the drawn scored again, naively.

    A pair of copies of one subject is left out, as is usual.
    """
    subjects = 60
    found, middle = study(7, Comparator.EUCLIDEAN, subjects=subjects, images=5)
    rates, naive = found["all"]
    rng = np.random.default_rng(0)
    statistics = {
        "auc": naive.auc,
        "eer": naive.eer,
        "eer threshold": naive.eer_threshold,
        "tar@0.1": lambda w: naive.tar(w, 0.1),
        "tar@0.01": lambda w: naive.tar(w, 0.01),
        "threshold@0.1": lambda w: naive.tar_threshold(w, 0.1),
        "threshold@0.01": lambda w: naive.tar_threshold(w, 0.01),
        "fnmr": lambda w: naive.at("fnmr", w, middle),
        "fmr": lambda w: naive.at("fmr", w, middle),
        "f1": lambda w: naive.at("f1", w, middle),
    }
    drawn = np.empty((REPLICATES, len(statistics)))
    for row in drawn:
        w = np.bincount(rng.integers(0, subjects, subjects), minlength=subjects).astype(float)
        row[:] = [statistic(w) for statistic in statistics.values()]
    return rates, middle, dict(zip(statistics, drawn.T, strict=True))


def se(estimate: Estimate) -> float:
    return Combination(((1.0, estimate),)).se


def plain_se(estimate: Estimate) -> float:
    """Return the standard error with what is peculiar to pairs of subjects counted twice, as the bootstrap has it."""
    found = Combination(((1.0, estimate),))
    return float(np.sqrt(found.variance + found.double_counted))


def test_standard_errors_agree_with_a_bootstrap_over_subjects(resampled):
    rates, middle, drawn = resampled
    estimates = {
        "auc": rates.auc(),
        "eer": chosen.eer(rates),
        "tar@0.1": chosen.tar(rates, 0.1),
        "tar@0.01": chosen.tar(rates, 0.01),
        "fnmr": rates.fnmr(middle),
        "f1": rates.at(point_metric("f1"), middle),
    }
    for name, estimate in estimates.items():
        assert plain_se(estimate) == pytest.approx(drawn[name].std(), rel=0.2), name


def test_a_bootstrap_over_subjects_counts_what_is_peculiar_to_pairs_three_times(resampled):
    """The influences count it twice, and the product of two drawn weights once more; the estimate but once."""
    rates, middle, drawn = resampled
    fmr = rates.fmr(middle)
    squares = (fmr.shared**2).sum()
    peculiar = fmr.pairs.square()
    assert np.sqrt(squares + peculiar) == pytest.approx(drawn["fmr"].std(), rel=0.1)
    assert peculiar <= Combination(((1.0, fmr),)).variance <= squares * 60 / 59


def test_bounds_of_chosen_thresholds_agree_with_a_bootstrap_over_subjects(resampled):
    rates, _, drawn = resampled
    bounds = {
        "eer threshold": chosen.eer_threshold(rates, 0.95),
        "threshold@0.1": chosen.tar_threshold(rates, 0.1, 0.95),
        "threshold@0.01": chosen.tar_threshold(rates, 0.01, 0.95),
    }
    for name, (low, high) in bounds.items():
        width = np.diff(np.quantile(drawn[name], [0.025, 0.975])).item()
        assert high - low == pytest.approx(width, rel=0.3), name
        assert low <= np.median(drawn[name]) <= high, name


def test_two_false_match_rates_are_compared_as_a_ratio(resampled):
    rates, middle, _ = resampled
    assert rates.fmr(middle).compared is LOG
