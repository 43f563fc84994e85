"""Which thresholds are applied to everybody."""

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.spec import ModelSpec
from facegap.data.tally import ScoreTally
from facegap.metrics import Rates, Scored, ThresholdFrom, ask, measure
from facegap.metrics.asked import GLOBAL_FMRS
from facegap.report.text.findings import finding_text

BOTH = pytest.mark.parametrize("comparator", OF_EMBEDDINGS)


def study(
    subjects: int, cohorts: tuple[str, ...], *, comparator=Comparator.COSINE, images=4
) -> tuple[Scored, Manifest]:
    rng = np.random.default_rng(0)
    subject = np.repeat(np.arange(subjects), images)
    vectors = (rng.normal(size=(subjects, 16))[subject] + rng.normal(size=(len(subject), 16))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    frame = pl.DataFrame(
        {
            "path": [f"{i}.jpg" for i in range(len(subject))],
            "subject": [f"s{s:03}" for s in subject],
            "cohort": [cohorts[s * len(cohorts) // subjects] for s in subject],
        }
    )
    manifest = Manifest(frame, cohorts, "study")
    box = np.full((len(subject), 4), np.nan, np.float32)
    embeddings = Embeddings(vectors, np.zeros(len(subject), np.uint8), (None,) * len(subject), box)
    spec = ModelSpec("m", "python", "1", "whole", 8, 16, comparator)
    return facegap.score(embeddings, manifest, spec, workers=1), manifest


def asked(tally: ScoreTally, *wanted: ThresholdFrom, shipped: float | None = None):
    return ask(tally, model="m", shipped=shipped, threshold_from=wanted)


@BOTH
@pytest.mark.parametrize(("subjects", "fmr"), [(60, 0.001), (20, 0.01), (8, None)])
def test_one_threshold_for_all_cohorts_is_chosen_at_the_first_rate_that_can_be_resolved(comparator, subjects, fmr):
    scored, _ = study(subjects, ("plain", "hard"), comparator=comparator)
    questions, unresolved = asked(scored.tally)
    assert unresolved == []
    if fmr is None:
        assert questions.applied == questions.chosen == questions.named == {}
        return
    assert fmr in GLOBAL_FMRS
    pooled = Rates(scored.tally.pooled())
    assert questions.applied == {f"all@fmr={fmr:g}": pooled.loosest_within(fmr).threshold}
    assert questions.chosen == {f"all@fmr={fmr:g}": fmr}
    assert pooled.at(questions.applied[f"all@fmr={fmr:g}"]).fmr <= fmr


def test_a_single_cohort_needs_no_threshold_for_all():
    questions, unresolved = asked(study(60, ("everyone",))[0].tally)
    assert questions.applied == {}
    assert unresolved == []


def test_the_shipped_threshold_comes_first():
    tally = study(60, ("plain", "hard"))[0].tally
    questions, _ = asked(tally, ThresholdFrom("plain", 0.01), shipped=0.4)
    assert list(questions.named) == ["shipped", "plain@fmr=0.01", "all@fmr=0.001"]
    assert questions.named["shipped"] == 0.4
    assert questions.chosen == {"plain@fmr=0.01": 0.01, "all@fmr=0.001": 0.001}
    own = Rates(tally.between("plain", "plain"))
    assert questions.applied["plain@fmr=0.01"] == own.loosest_within(0.01).threshold


def test_asking_for_the_threshold_for_all_by_name_changes_nothing():
    tally = study(60, ("plain", "hard"))[0].tally
    assert asked(tally, ThresholdFrom("all", 0.001))[0] == asked(tally)[0]


def test_a_threshold_that_the_data_cannot_give_is_a_finding():
    tally = study(60, ("plain", "hard"))[0].tally
    questions, unresolved = asked(tally, ThresholdFrom("hard", 1e-6))
    assert "hard@fmr=1e-06" not in questions.named
    assert [finding.kind for finding in unresolved] == ["not-resolvable"]
    assert f"{Rates(tally.between('hard', 'hard')).counts.n_impostor:,} impostor comparisons in hard" in finding_text(
        unresolved[0]
    )


@BOTH
def test_every_population_is_judged_at_the_threshold_for_all(comparator):
    scored, manifest = study(60, ("plain", "hard"), comparator=comparator)
    metrics = measure([scored], manifest).metrics.filter(at="all@fmr=0.001")
    for metric in ("fmr", "fnmr"):
        rows = metrics.filter(metric=metric)
        sides = set(rows.select("probe_cohort", "gallery_cohort").rows())
        assert sides == {("plain", "plain"), ("hard", "hard"), ("all", "all"), ("plain", "hard")}
        assert rows["threshold"].n_unique() == 1
        within = rows.filter(pl.col("probe_cohort") == pl.col("gallery_cohort"))
        assert within["low"].is_not_null().all()
        assert (within["low"] <= within["value"]).all()
        assert (within["value"] <= within["high"]).all()
    own, all_together = (
        metrics.filter(metric="fmr", probe_cohort=cohort, gallery_cohort=cohort)["n_errors"].item()
        for cohort in ("plain", "all")
    )
    assert own <= all_together <= 0.001 * Rates(scored.tally.pooled()).counts.n_impostor
