"""Plans for what is left of a gap after standardisation, from embeddings whose cause of the gap is known."""

from dataclasses import replace
from pathlib import Path

import pytest

import facegap
from facegap.data.evaluation import Evaluation
from facegap.errors import InputError
from facegap.jobs.plan import Request, Standardised, parse_gap, parse_resolve, standardised
from jobs.explaining.test_explaining import BOTH, write


def explained(folder: Path, subjects: int, **options) -> Evaluation:
    path = write(folder, replace(BOTH, subjects=subjects))
    return facegap.evaluate(facegap.Study(inputs=[path], cohort_by=["group"], **{"explain": True, **options}))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return explained(tmp_path_factory.mktemp("pilot"), 40)


def planned(report: Evaluation, *gaps: str, power: float = 0.8) -> list[Standardised]:
    return standardised(report, Request(tuple(parse_gap(text, "cohorts") for text in gaps), power=power))


def test_a_smaller_gap_and_more_power_take_more_subjects(report: Evaluation) -> None:
    wide, narrow = planned(report, "auc=0.04", "auc=0.02")
    assert (wide.cohort, wide.reference, wide.now) == ("worse", "usual", (40, 40))
    assert wide.measures == ("quality",)
    assert wide.times is not None
    assert narrow.times == pytest.approx(4 * wide.times)
    (surer,) = planned(report, "auc=0.02", power=0.95)
    assert surer.times is not None
    assert narrow.times is not None
    assert surer.times > narrow.times > 0
    assert narrow.subjects is not None
    assert narrow.subjects[0] >= narrow.times * 40


def test_a_gap_in_fnmr_is_that_in_tar(report: Evaluation) -> None:
    tar, fnmr = planned(report, "tar@fmr=1e-2=0.05", "fnmr@fmr=1e-2=0.05")
    assert tar.subjects == fnmr.subjects


def test_what_cannot_be_told_has_its_reason_and_no_number(report: Evaluation) -> None:
    gaps = report.explanation.gaps
    untold = replace(report.explanation, gaps=gaps.with_columns(reason=gaps["reason"].replace("", "no-overlap")))
    (found,) = planned(replace(report, explanation=untold), "auc=0.02")
    assert (found.reason, found.subjects, found.times) == ("no-overlap", None, None)


def test_what_a_report_does_not_take_apart_is_refused(report: Evaluation, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"does not take apart a gap of 0.02 in EER .*: ask for one of auc, tar@fmr"):
        planned(report, "eer=0.02")
    with pytest.raises(InputError, match="plans for gaps between cohorts"):
        standardised(report, Request((parse_resolve("fmr=1e-2"),)))
    with pytest.raises(InputError, match="make it with facegap evaluate --explain"):
        planned(explained(tmp_path, 12, explain=False), "auc=0.02")


@pytest.mark.slow
def test_a_study_of_the_planned_size_is_as_sure_as_planned(tmp_path: Path) -> None:
    """The half width of its interval is that with which the gap is found with the power; within a fifth of it."""
    pilot = explained(tmp_path, 60)
    gaps = pilot.explanation.gaps.filter(metric="auc").row(0, named=True)
    size = 0.4 * (gaps["rest_high"] - gaps["rest_low"])
    (found,) = planned(pilot, f"auc={size}")
    assert found.subjects is not None
    assert found.subjects[0] > 120
    (tmp_path / "large").mkdir()
    large = explained(tmp_path / "large", found.subjects[0]).explanation.gaps.filter(metric="auc").row(0, named=True)
    half = (large["rest_high"] - large["rest_low"]) / 2
    assert half == pytest.approx(size * 1.96 / (1.96 + 0.84), rel=0.2)
