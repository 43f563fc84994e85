"""What adaptation does for dlib on the synthetic hard cohort, whose identities are easy to learn."""

import os

import pytest

from facegap.jobs.adapt import adapt
from facegap.jobs.proof import Result
from facegap.jobs.study import Study
from facegap.synthetic import GENERAL, HARD, write_population


@pytest.mark.slow
def test_two_hundred_subjects_lift_dlib_on_sixty_others(tmp_path):
    workers = os.cpu_count() or 1
    for name, subjects, images, spread, seed in (("hard", 260, 12, HARD, 777), ("general", 60, 5, GENERAL, 2)):
        write_population(
            tmp_path / name, subjects=subjects, images=images, spread=spread.all, geometry_spread=spread.geometry,
            seed=seed, prefix=name[0], workers=workers,
        )  # fmt: skip
    study = Study(inputs=[tmp_path / "hard"], models=["dlib"], store=tmp_path / "store")
    done = adapt(study, tmp_path / "adapted.onnx", general=[tmp_path / "general"], held_out=60 / 260)
    print(*done.proof.sentences, sep="\n")
    assert done.proof.evaluation.cohorts["subjects"].to_list() == [60, 60, 120]
    assert done.proof.result is Result.GAIN
    assert done.proof.gain.measured.low is not None
    assert done.proof.gain.measured.low > 0
    after = done.proof.evaluation.value("auc", model="dlib adapted", cohort="hard")
    assert after is not None
    assert after > 0.99
