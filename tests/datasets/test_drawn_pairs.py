"""Which comparisons are drawn, and with which chance."""

from collections import Counter

import numpy as np
import polars as pl
import pytest

from facegap.data.manifest import Manifest
from facegap.data.source import Images, Pairs, SavedEmbeddings, Source
from facegap.datasets import draw_pairs
from facegap.errors import InputError
from facegap.report.text.findings import finding_text

SIZES = {"large": [2, 3, 1, 4, 2, 3, 5, 1], "small": [2, 0, 1, 0, 0, 0, 2, 0, 3]}
"""How many images each subject has in each cohort: some are in both."""


def images(sizes: dict[str, list[int]] = SIZES) -> Images:
    rows = [
        {"path": f"{cohort}/{s}/{k}", "subject": f"s{s}", "cohort": cohort}
        for cohort, of_subject in sizes.items()
        for s, n in enumerate(of_subject)
        for k in range(n)
    ]
    return Images(Manifest(pl.DataFrame(rows), tuple(sizes), "people"))


def drawn(source: Source, most: int, seed: int = 0) -> Pairs:
    found = draw_pairs(source, most, np.random.default_rng(seed))
    assert isinstance(found, Images)
    assert found.pairs is not None
    return found.pairs


def listed(source: Images) -> Images:
    a, b = np.triu_indices(len(source.manifest), 1)
    swapped = np.arange(len(a)) % 3 == 0
    a, b = np.where(swapped, b, a), np.where(swapped, a, b)
    subject = source.manifest.subject_codes
    return Images(source.manifest, Pairs(a, b, subject[a] == subject[b], np.zeros(len(a), np.int64)))


def strata(source: Images, pairs: Pairs) -> list[tuple[tuple[int, int], bool]]:
    cohort = source.manifest.cohort_codes
    ends = np.sort(np.stack([cohort[pairs.a], cohort[pairs.b]]), axis=0).T.tolist()
    return [((p, q), bool(same)) for (p, q), same in zip(ends, pairs.same, strict=True)]


@pytest.mark.parametrize("make", [images, lambda: listed(images())])
def test_every_comparison_of_a_stratum_has_the_chance_that_its_weight_says(make) -> None:
    source, times, most = make(), 600, 60
    every = listed(images()).pairs
    assert every is not None
    of_stratum = Counter(strata(source, every))
    hits: Counter[tuple[int, int]] = Counter()
    for seed in range(times):
        pairs = drawn(source, most, seed)
        keys = {(min(a, b), max(a, b)) for a, b in zip(pairs.a.tolist(), pairs.b.tolist(), strict=True)}
        assert len(keys) == most  # none twice
        subject = source.manifest.subject_codes
        assert (pairs.same == (subject[pairs.a] == subject[pairs.b])).all()
        hits.update(keys)
    taken = Counter(strata(source, pairs))
    assert pairs.drawn is not None
    for cell, ends in enumerate([(0, 0), (0, 1), (1, 1)]):
        for kind, same in enumerate((True, False)):
            assert pairs.drawn.every[cell, kind] == of_stratum[ends, same]
            assert pairs.drawn.taken[cell, kind] == taken[ends, same]
    for (a, b), stratum in zip(
        zip(np.minimum(every.a, every.b).tolist(), np.maximum(every.a, every.b).tolist(), strict=True),
        strata(source, every),
        strict=True,
    ):
        chance = taken[stratum] / of_stratum[stratum]
        error = np.sqrt(chance * (1 - chance) / times)
        assert abs(hits[a, b] / times - chance) <= 5 * error


def test_the_draw_is_spread_over_the_pairs_of_subjects() -> None:
    source = images({"people": [5] * 40})
    pairs = drawn(source, 1000)
    impostor = ~pairs.same
    subject = source.manifest.subject_codes
    ends = np.sort(np.stack([subject[pairs.a], subject[pairs.b]]), axis=0)[:, impostor]
    assert pairs.same.sum() == 400  # all genuine ones
    assert np.unique(ends, axis=1, return_counts=True)[1].max() == 1
    each = np.bincount(ends.reshape(-1), minlength=40)
    assert each.min() >= 20  # of 30 on average
    assert each.max() <= 40


def test_many_genuine_comparisons_are_drawn_too_subject_by_subject() -> None:
    source = images({"people": [20] * 30})
    pairs = drawn(source, 1200)
    assert pairs.same.sum() == 600
    assert np.bincount(source.manifest.subject_codes[pairs.a[pairs.same]]).tolist() == [20] * 30


def test_a_small_cohort_gets_its_part() -> None:
    pairs = drawn(images({"large": [3] * 200, "small": [3] * 12}), 3000)
    assert pairs.drawn is not None
    _, across, small = pairs.drawn.taken[:, 1].tolist()
    assert small == 594  # all that there are
    assert across > 500


def test_a_sample_as_large_as_all_is_no_sample() -> None:
    found = draw_pairs(images(), 10**6, np.random.default_rng(0))
    assert isinstance(found, Images)
    assert found.pairs is None


def test_the_design_is_said() -> None:
    found = draw_pairs(images({"people": [3] * 30}), 500, np.random.default_rng(0))
    (finding,) = found.manifest.findings
    assert finding_text(finding).startswith(
        "500 of 4,005 comparisons were drawn: 90 of 90 genuine and 410 of 3,915 impostor ones."
    )
    assert "counts 1 to 9.55 times" in finding_text(finding)


@pytest.mark.parametrize("most", [0, -3, 5])
def test_too_few_are_refused_with_how_many_it_takes(most: int) -> None:
    with pytest.raises(InputError, match="too few for the genuine and impostor ones of all cohorts, 6 kinds in all"):
        draw_pairs(images(), most, np.random.default_rng(0))


def test_what_costs_nothing_is_not_drawn_from() -> None:
    manifest = images().manifest
    saved = SavedEmbeddings(manifest, np.zeros((len(manifest), 2), np.float32))
    with pytest.raises(InputError, match="what was given costs nothing: leave it out"):
        draw_pairs(saved, 50, np.random.default_rng(0))
    frame = manifest.frame.with_columns(template=pl.lit("a"))
    with pytest.raises(InputError, match="templates are compared as a whole: leave it out"):
        draw_pairs(Images(Manifest(frame, manifest.cohorts, "x")), 50, np.random.default_rng(0))
