"""Given scores are measured in processes of their own, by whoever is at hand."""

from pathlib import Path

import polars as pl
import pytest
from benchmarks.given_scores import FEWER, given_scores
from benchmarks.given_scores_run import make


@pytest.mark.slow
def test_facegap_is_measured_at_each_size_and_agrees_with_scikit_learn() -> None:
    section = given_scores(30_000, peers=False, say=lambda line: None)
    assert [(row[0], row[2]) for row in section.rows] == [
        ("facegap", "3,000"), ("scikit-learn", "3,000"), ("facegap", "30,000"),
    ]  # fmt: skip
    assert section.rows[0][-1] == section.rows[1][-1]  # the AUC
    assert section.goals[0].met
    assert set(FEWER) == {"scikit-learn", "pyeer 0.5.6"}


def test_the_file_has_as_many_scores_as_asked_for(tmp_path: Path) -> None:
    make(tmp_path / "scores.parquet", 12_345)
    frame = pl.read_parquet(tmp_path / "scores.parquet")
    assert frame.columns == ["path_a", "path_b", "score", "subject_a", "subject_b"]
    assert frame.height == frame.unique(("path_a", "path_b")).height == 12_345
