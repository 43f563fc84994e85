"""A calibration is judged on others than it was fitted on, says so, and is read back as it was written."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import facegap
from facegap.data.comparator import Comparator
from facegap.jobs.calibrate import Calibration
from metrics.bounded import scored, study

BOTH = pytest.mark.parametrize("method", ["logistic", "isotonic"])


@pytest.fixture(scope="module")
def report() -> facegap.Evaluation:
    embeddings, manifest, spec = study(comparator=Comparator.EUCLIDEAN)
    return facegap.measure([scored(embeddings, manifest, spec)], manifest)


def saved(path: Path, *, subjects: int = 40, images: int = 4, seed: int = 0) -> Path:
    embeddings, manifest, _ = study(subjects=subjects, images=images, seed=seed)
    np.savez(path, embedding=embeddings.vectors, subject=manifest.subjects, cohort=manifest.frame["cohort"].to_list())
    return path


@pytest.fixture
def images(tmp_path) -> facegap.Study:
    return facegap.Study(inputs=[saved(tmp_path / "people.npz")], cohort_by=["cohort"], workers=1)


@BOTH
def test_a_report_judges_a_cohorts_map_on_the_others(report, method):
    found = facegap.calibrate(report, cohort="plain", method=method).calibration
    assert [(one.on, one.unseen) for one in found.judged] == [("plain", False), ("hard", True)]
    assert all(one.least < one.after < one.before for one in found.judged)
    assert (found.use.model, found.use.comparator, found.cohort, found.method) == ("m", "euclidean", "plain", method)
    assert list(found.score) == sorted(found.score, reverse=True)
    assert list(found.log10_lr) == sorted(found.log10_lr)
    assert found.of(0.3) == found.log10_lr[-1]
    assert found.at_limit(found.of(0.3))
    assert found.at_limit(found.of(1.9))
    middle = float(np.mean(np.interp([0.0], found.log10_lr, found.score)))
    assert found.of(middle) == pytest.approx(0, abs=0.3)
    assert not found.at_limit(found.of(middle))


def test_a_map_of_all_together_has_seen_every_cohort(report):
    judged = facegap.calibrate(report).calibration.judged
    assert [(one.on, one.unseen) for one in judged] == [("all", False), ("plain", False), ("hard", False)]


def test_names_that_a_report_does_not_know_are_refused(report):
    with pytest.raises(facegap.InputError, match="no cohort 'young'; there are: plain, hard, all"):
        facegap.calibrate(report, cohort="young")
    with pytest.raises(facegap.InputError, match="no model 'n'; there are: m"):
        facegap.calibrate(report, model="n")


@BOTH
def test_images_judge_each_half_of_the_subjects_by_the_other(images, method):
    seen, crossed = facegap.calibrate_images(images, method=method).calibration.judged
    assert (seen.on, seen.unseen, crossed.unseen) == ("all", False, True)
    assert seen.after < crossed.after
    assert (seen.n_genuine, crossed.n_genuine) == (40 * 6, 40 * 6)
    assert seen.n_impostor == 160 * 159 // 2 - 240
    assert crossed.n_impostor == 2 * (80 * 79 // 2 - 120)


def test_the_same_seed_gives_the_same_halves_with_any_number_of_workers(images):
    once, again, other = (
        facegap.calibrate_images(replace(images, **more)).calibration for more in ({}, {"workers": 2}, {"seed": 1})
    )
    assert again == once
    # Other halves lie in other blocks, where a product may be rounded otherwise in its last bit.
    assert other.score == pytest.approx(once.score, rel=1e-6)
    assert other.judged[0].after == pytest.approx(once.judged[0].after, rel=1e-6)
    assert other.judged[1] != once.judged[1]


def test_images_and_a_report_on_them_give_the_same_map(images):
    exact = facegap.calibrate_images(images, cohort="hard").calibration
    near = facegap.calibrate(facegap.evaluate(images), cohort="hard").calibration
    assert near.use == exact.use
    assert near.cohort == exact.cohort == "hard"
    for score in np.linspace(-0.2, 0.9, 12).tolist():
        assert near.of(score) == pytest.approx(exact.of(score), abs=0.05)


def test_what_images_cannot_answer_is_refused(tmp_path, images):
    with pytest.raises(facegap.InputError, match="no cohort 'young'"):
        facegap.calibrate_images(images, cohort="young")
    few = facegap.Study(inputs=[saved(tmp_path / "few.npz", subjects=3, images=8)], workers=1)
    with pytest.raises(facegap.InputError, match=r"half of the subjects is too little .* 0 impostor"):
        facegap.calibrate_images(few)
    with pytest.raises(facegap.InputError, match="2 models were named"):
        facegap.calibrate_images(replace(images, models=["dlib", "other=dlib"], inputs=[tmp_path]))


def test_a_calibration_is_read_back(report, tmp_path):
    kept = facegap.calibrate(report).calibration
    file = tmp_path / "calibration.json"
    file.write_bytes(kept.to_json())
    assert Calibration.read(file) == kept
    with pytest.raises(facegap.InputError, match="cannot be read"):
        Calibration.read(tmp_path / "absent.json")
    file.write_bytes(report.to_json())
    with pytest.raises(facegap.InputError, match="is no calibration"):
        Calibration.read(file)
