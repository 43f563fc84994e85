"""Estimates come back from the table that keeps them, with the same intervals."""

from pathlib import Path

import numpy as np
import pytest

import facegap
from facegap.data.estimate_table import read_estimates, write_estimates
from facegap.data.evaluation import Evaluation
from facegap.errors import InputError
from facegap.metrics.kept_estimates import estimates_in
from facegap.metrics.registry import parse_metrics
from facegap.stats import limits

ASKED = ("hter", "dcf:c_miss=1,c_false=10,prior=0.01")


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """Return an evaluation with a cohort that has errors and one without any."""
    folder = tmp_path_factory.mktemp("saved")
    rng = np.random.default_rng(5)
    subject = np.repeat(np.arange(40), 3)
    spread = np.where(subject < 20, 0.8, 0.05)[:, None]
    vectors = (rng.normal(size=(40, 12))[subject] + spread * rng.normal(size=(120, 12))).astype(np.float32)
    group = np.where(subject < 20, "hard", "easy")
    np.savez(folder / "made.npz", embedding=vectors, subject=subject.astype(str), group=group)
    asked = [facegap.ThresholdFrom("hard", 0.01)]
    study = facegap.Study(
        inputs=[folder / "made.npz"], cohort_by=["group"], metrics=ASKED, threshold_from=asked, genuine_share=0.1
    )
    return facegap.evaluate(study)


def test_intervals_come_back(evaluation: Evaluation, tmp_path: Path) -> None:
    assert evaluation.estimates is not None
    write_estimates(evaluation.estimates, tmp_path / "estimates.parquet")
    table = read_estimates(tmp_path / "estimates.parquet")
    assert table.equals(evaluation.estimates)
    codes = {str(number): number for number in range(40)}
    seen, faultless = set(), 0
    for cohort in ("hard", "easy", "all"):
        found = estimates_in(table.filter(cohort=cohort, images="own"), codes, parse_metrics(ASKED))
        for (name, at), one in found.items():
            row = evaluation.row(name, model="saved embeddings", cohort=cohort, at=at)
            assert row is not None
            low, high = limits(one)(0.95)
            assert [low, high] == pytest.approx([np.nan if x is None else x for x in (row["low"], row["high"])],
                                                rel=1e-4, abs=1e-6, nan_ok=True), (cohort, name, at)  # fmt: skip
            seen.add(name)
            faultless += one.faultless and not np.isnan(low)
    assert {"auc", "tar", "eer", "f1", "fmr", "fnmr", "dcf", "hter", "fta"} <= seen
    assert faultless, "the rule of three is among them"


def test_a_damaged_file_is_refused_in_one_line(evaluation: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "estimates.parquet"
    assert evaluation.estimates is not None
    write_estimates(evaluation.estimates, path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"estimates.parquet is damaged \(.*\): write the report again"):
        read_estimates(path)
    write_estimates(evaluation.estimates.drop("moved"), path)
    with pytest.raises(InputError, match="is damaged"):
        read_estimates(path)
