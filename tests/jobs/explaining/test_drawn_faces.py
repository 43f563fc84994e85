"""`--explain` names the right cause on drawn faces: people who look more alike, or a camera that blurs more."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import polars as pl
import pytest

import facegap
from facegap.synthetic import write_population
from facegap.synthetic.shot import Shot, draw_shot

SUBJECTS, SPREAD, BLUR = 60, 0.8, 0.5


def camera(blur: float) -> Callable[[np.random.Generator], Shot]:
    """Return a camera whose blur, in pixels, has the median `blur`; all else is as drawn, but for little noise."""

    def taken(rng: np.random.Generator) -> Shot:
        drawn = draw_shot(rng)
        return replace(drawn, blur=blur * math.exp(BLUR * rng.standard_normal()), noise=0.004, jpeg_quality=90)

    return taken


@pytest.mark.slow
def test_the_cause_of_a_gap_between_drawn_faces_is_named(shared_dir: Path, tmp_path: Path) -> None:
    cohorts = {"usual": (1.1, SPREAD), "blurred": (1.65, SPREAD), "alike": (1.1, 0.35)}
    for seed, (name, (blur, spread)) in enumerate(cohorts.items(), start=1):
        with mock.patch("facegap.synthetic.developing.draw_shot", camera(blur)):
            write_population(
                tmp_path / name, subjects=SUBJECTS, images=4, spread=spread, seed=seed, size=160, prefix=name
            )
    inputs, network = (
        [f"{name}={tmp_path / name}" for name in cohorts],
        shared_dir / "models/mobilefacenet_ms1m_112.onnx",
    )
    study = facegap.Study(inputs=inputs, models=[str(network)], explain=True, store=tmp_path / "store")
    gaps = facegap.evaluate(study).explanation.gaps.filter(pl.col("reason") == "", metric="auc")
    sharpness = gaps.filter(pl.col("measures").list.join("+") == "sharpness")
    (blurred,), (alike,) = (sharpness.filter(cohort=name).to_dicts() for name in ("blurred", "alike"))
    assert blurred["total_high"] < 0  # both gaps are there
    assert alike["total_high"] < 0
    assert blurred["with_measures_high"] < 0  # blur explains the one, with nothing left for certain
    assert blurred["rest_low"] < 0 < blurred["rest_high"]
    assert abs(blurred["rest"]) < 0.3 * abs(blurred["total"])
    assert alike["rest_high"] < 0  # and little of the other
    assert abs(alike["with_measures"]) < 0.3 * abs(alike["total"])
