"""What others do: against the literal definitions, and against cimat itself."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from studies.peers import CIMAT, cimat, delong, image_bootstrap, subject_bootstrap, wilson
from studies.populations import NULL, POPULATIONS, draw
from studies.reading import METRICS, Quantity
from studies.resampling import COLUMNS, resampled, subjects_resampled
from studies.scores import Scores

from studies import peers


def people(seed, subjects, noise):
    """Return (N, 8) float32 embeddings of length 1 with a few hubs, and (N,) int32 subjects with 2 to 5 images."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), np.resize([2, 5, 3, 4], subjects))
    centres = rng.standard_normal((subjects, 8))
    centres[:, 0] += 2 * (np.arange(subjects) % 5 == 0)
    vectors = centres[subject] + noise * rng.standard_normal((len(subject), 8))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), subject.astype(np.int32)


def test_all_comparisons_are_there_most_alike_first():
    vectors, subject = people(1, 6, 0.5)
    scores = Scores.of(vectors, subject)
    assert len(scores.similarity) == len(subject) * (len(subject) - 1) // 2
    assert (np.diff(scores.similarity) <= 0).all()
    assert scores.same.tolist() == (subject[scores.a] == subject[scores.b]).tolist()
    assert np.einsum("pd,pd->p", vectors[scores.a], vectors[scores.b]) == pytest.approx(scores.similarity, abs=1e-6)


def test_delong_is_the_variance_of_the_placements():
    (first, subject), (second, _) = people(2, 8, 0.5), people(3, 8, 0.9)
    both = [Scores.of(vectors, subject) for vectors in (first, second)]
    found = delong(both)
    placements = []
    for vectors in (first, second):
        pairs = list(itertools.combinations(range(len(subject)), 2))
        values = (vectors @ vectors.T)[tuple(zip(*pairs, strict=True))]
        same = np.array([subject[i] == subject[j] for i, j in pairs])
        wins = (values[same][:, None] > values[~same]) + 0.5 * (values[same][:, None] == values[~same])
        placements.append((wins.mean(axis=1), wins.mean(axis=0)))
        assert found[len(placements) - 1].value == pytest.approx(roc_auc_score(same, values))
    for k, reading in enumerate(found[:2]):
        genuine, impostor = placements[k]
        se = np.sqrt(genuine.var(ddof=1) / len(genuine) + impostor.var(ddof=1) / len(impostor))
        assert (reading.high - reading.low) / 2 == pytest.approx(1.959964 * se)
    genuine, impostor = (placements[0][k] - placements[1][k] for k in (0, 1))
    se = np.sqrt(genuine.var(ddof=1) / len(genuine) + impostor.var(ddof=1) / len(impostor))
    assert found[2].value == pytest.approx(found[0].value - found[1].value)
    assert (found[2].high - found[2].low) / 2 == pytest.approx(1.959964 * se)


def test_wilson_at_one_in_ten():
    found = wilson(1, 10)
    assert (found.low, found.high) == pytest.approx((0.01788, 0.40415), abs=1e-5)


def test_weights_are_repeated_images_whose_comparisons_with_themselves_are_left_out():
    vectors, subject = people(4, 10, 0.7)
    shipped = 0.7
    scores = Scores.of(vectors, subject)
    weights = np.random.default_rng(0).multinomial(len(subject), np.full(len(subject), 1 / len(subject)), 5)
    found = resampled(scores, weights.astype(np.int32), shipped)
    for weight, row in zip(weights, found, strict=True):
        image = np.repeat(np.arange(len(subject)), weight)
        pairs = [(i, j) for i, j in itertools.combinations(image, 2) if i != j]
        values = np.array([scores_between(vectors, i, j) for i, j in pairs])
        same = np.array([subject[i] == subject[j] for i, j in pairs])
        got = dict(zip(COLUMNS, row, strict=True))
        assert got["auc", ""] == pytest.approx(roc_auc_score(same, values), abs=1e-6)
        assert got["fmr", "shipped"] == pytest.approx((values[~same] >= shipped).mean())
        assert got["fnmr", "shipped"] == pytest.approx((values[same] < shipped).mean())
        cuts = np.unique(values)[::-1]
        fmr = np.array([(values[~same] >= t).mean() for t in cuts])
        tar = np.array([(values[same] >= t).mean() for t in cuts])
        within = np.flatnonzero(fmr <= 0.01)
        assert got["tar", "fmr=0.01"] == pytest.approx(tar[within[-1]] if len(within) else 0)
        true, false = tar * same.sum(), fmr * (~same).sum()
        f1 = 2 * true / (true + false + same.sum())
        assert got["f1", "best-f1"] == pytest.approx(f1.max())
        assert got["threshold", "best-f1"] == pytest.approx(cuts[np.argmax(f1)], abs=1e-6)
        crossed = np.argmax(fmr >= 1 - tar)
        assert got["eer", ""] == pytest.approx((fmr[crossed] + 1 - tar[crossed]) / 2)


def test_weights_on_subjects_count_a_genuine_comparison_once_and_an_impostor_comparison_as_their_product():
    vectors, subject = people(4, 10, 0.7)
    shipped = 0.7
    weights = np.random.default_rng(2).multinomial(10, np.full(10, 0.1), 5)
    found = subjects_resampled(Scores.of(vectors, subject), weights.astype(np.int32), shipped)
    pairs = list(itertools.combinations(range(len(subject)), 2))
    values = np.array([scores_between(vectors, i, j) for i, j in pairs])
    same = np.array([subject[i] == subject[j] for i, j in pairs])
    for weight, row in zip(weights, found, strict=True):
        weighs = np.array(
            [weight[subject[i]] * (1 if subject[i] == subject[j] else weight[subject[j]]) for i, j in pairs]
        )
        got = dict(zip(COLUMNS, row, strict=True))
        assert got["auc", ""] == pytest.approx(roc_auc_score(same, values, sample_weight=weighs), abs=1e-6)
        accepted = values >= shipped
        assert got["fmr", "shipped"] == pytest.approx(np.average(accepted[~same], weights=weighs[~same]))
        assert got["fnmr", "shipped"] == pytest.approx(np.average(~accepted[same], weights=weighs[same]))


def test_the_subject_bootstrap_is_as_wide_as_the_spread_of_a_mean_over_subjects():
    """FNMR of subjects with one genuine comparison each: a share of independent subjects."""
    subject = np.repeat(np.arange(400), 2).astype(np.int32)
    rng = np.random.default_rng(5)
    vectors = rng.standard_normal((400, 1, 8)) + 0.8 * rng.standard_normal((400, 2, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=2, keepdims=True)).reshape(-1, 8).astype(np.float32)
    weights = rng.multinomial(400, np.full(400, 1 / 400), 1000).astype(np.int32)
    found = subject_bootstrap([Scores.of(vectors, subject)], 0.6, weights)
    reading = found[peers.SUBJECTS, Quantity("single", "fnmr", "shipped")]
    se = np.sqrt(reading.value * (1 - reading.value) / 400)
    assert (reading.high - reading.low) / 2 == pytest.approx(1.96 * se, rel=0.1)


def scores_between(vectors, i, j):
    i, j = min(i, j), max(i, j)
    return (vectors @ vectors.T)[i, j]


def test_a_replicate_without_genuine_comparisons_has_no_statistics():
    vectors, subject = people(4, 10, 0.7)
    alone = np.zeros((1, len(subject)), np.int32)
    alone[0, [0, 2, 7]] = 1
    assert np.isnan(resampled(Scores.of(vectors, subject), alone, 0.5)).all()


@pytest.mark.parametrize(
    ("drawn", "threshold", "fnmr", "fmr", "auc", "tar"),
    [
        (
            (7, 20, 0.8),
            0.7,
            (0.5121239466703035, 0.7970349642743594),
            (0.011280056745376703, 0.02770429915150281),
            (0.7907670468825714, 0.9441614531521045),
            (0.09090909090909091, 0.5245426829268293),
        ),
        (
            (8, 30, 0.6),
            0.8,
            (0.3528708826414625, 0.5779920091427345),
            (0.002885345805078192, 0.008300661937116312),
            (0.9586923756961526, 0.985703800577235),
            (0.46724963715529755, 0.7500212585034013),
        ),
        (
            (9, 12, 0.3),
            0.905,
            (0.09045562955129088, 0.43479541435382674),
            (0.0, 0.00239217813165394),
            (0.9626468466174348, 1.0),
            (0.9308333333333334, 1.0),
        ),
        (
            (9, 12, 0.3),
            0.3,
            (0.0008548882397925097, 0.0945561158144873),
            (0.15295157682102672, 0.3299900524864018),
            (0.9626468466174348, 1.0),
            (0.9308333333333334, 1.0),
        ),
    ],
)
def test_cimat_gives_the_numbers_of_the_package(drawn, threshold, fnmr, fmr, auc, tar):
    """The numbers are those of cimat 0.1.2, which cannot be installed beside numpy 2.

    `get_binerror_ci(threshold)`, then `numpy.random.seed(1)`, `run_bootstrap(B=60)` and `get_roc_ci([0.01])`.
    """
    vectors, subject = people(*drawn)
    coin = np.random.RandomState(1)
    kept = np.array([[coin.choice([0, 1]) for _ in range(drawn[1])] for _ in range(60)], np.int32)
    found = cimat(Scores.of(vectors, subject), threshold, kept)
    wanted = {("fnmr", "shipped"): fnmr, ("fmr", "shipped"): fmr, ("auc", ""): auc, ("tar", "fmr=0.01"): tar}
    for key, bounds in wanted.items():
        reading = found[CIMAT, Quantity("single", *key)]
        assert (reading.low, reading.high) == pytest.approx(bounds, abs=1e-12), key


def test_the_image_bootstrap_takes_percentiles_around_the_estimate():
    drawn = draw(POPULATIONS["30 x 10"], NULL, np.random.default_rng(0))
    scores = [Scores.of(vectors, drawn.subject) for vectors in drawn.vectors]
    weights = np.random.default_rng(1).multinomial(300, np.full(300, 1 / 300), 50).astype(np.int32)
    found = image_bootstrap(scores, 0.288, weights)
    singles = {Quantity("single", *key) for key in COLUMNS}
    assert {key[1] for key in found} == {*singles, *(Quantity("models", *key, "difference") for key in METRICS)}
    reading = found[peers.IMAGES, Quantity("single", "fmr", "shipped")]
    k = COLUMNS.index(("fmr", "shipped"))
    drawn_rates = resampled(scores[0], weights, 0.288)[:, k]
    assert (reading.low, reading.high) == pytest.approx(tuple(np.percentile(drawn_rates, [2.5, 97.5])))
    assert reading.low < reading.value < reading.high


def test_every_peer_answers_a_draw():
    drawn = draw(POPULATIONS["60 x 5"], NULL, np.random.default_rng(0))
    found = peers.readings(drawn, 0.288, np.random.default_rng(1))
    assert {method for method, _ in found} == {peers.DELONG, peers.WILSON, peers.IMAGES, peers.SUBJECTS, peers.CIMAT}
    assert all(reading.given for reading in found.values())
