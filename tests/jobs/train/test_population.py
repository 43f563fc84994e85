"""On the synthetic hard cohort a small network trained here beats dlib on subjects it never saw.

Synthetic identities are made of a few dozen numbers: this proves the machinery, not a model for real people.
"""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training is an extra: pip install 'facegap[train]'")

from facegap.jobs.proof import Result
from facegap.jobs.study import Study
from facegap.jobs.train.job import Order, train
from facegap.jobs.train.recipe import Machine, Recipe
from facegap.synthetic import HARD, write_population

LEARN, CHOOSE, JUDGE = 200, 30, 60
"""Subjects that are learnt from, that choose the best epoch, and that nobody has seen."""


@pytest.mark.slow
def test_arcface_on_200_subjects_beats_dlib_on_60_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    faces, subjects = tmp_path / "faces", LEARN + CHOOSE + JUDGE
    write_population(
        faces, subjects=subjects, images=12, spread=HARD.all, geometry_spread=HARD.geometry, seed=777, workers=2
    )
    recipe = Recipe(
        "test_efficientnet",
        from_scratch=True,
        size=64,
        margin=20.0,
        scale=24.0,
        epochs=16,
        batch_subjects=12,
        learning_rate=4e-3,
        held_out=JUDGE / subjects,
        validation=CHOOSE / subjects,
    )
    study = Study([f"hard={faces}"], store=tmp_path / "store", workers=2)
    lines: list[str] = []
    trained = train(Order(study, tmp_path / "new.onnx", recipe, Machine(workers=1), general=None), say=lines.append)
    assert trained is not None
    with capsys.disabled():
        print("\n".join(["", *lines, *trained.proof.sentences]))
    assert "200 to learn from, 30 to choose by, 60 held out" in "\n".join(lines)
    assert trained.proof.result is Result.GAIN
    (gain,) = trained.proof.evaluation.differences.filter(kind="models", metric="auc", cohort_a="hard").to_dicts()
    assert min(abs(gain["low"]), abs(gain["high"])) > 0.01, "the interval of the difference is clear of 0"
