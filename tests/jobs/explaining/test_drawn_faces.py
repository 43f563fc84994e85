"""`--explain` names the right cause on drawn faces: people who look more alike, a camera that blurs, turned heads."""

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


FROM_THE_SIDE = 2.3


def camera(blur: float, turn: float = 1.0) -> Callable[[np.random.Generator], Shot]:
    """Return a camera whose blur, in pixels, has the median `blur`, with little noise; yaws are `turn` times drawn."""

    def taken(rng: np.random.Generator) -> Shot:
        drawn = draw_shot(rng)
        return replace(
            drawn,
            blur=blur * math.exp(BLUR * rng.standard_normal()),
            noise=0.004,
            jpeg_quality=90,
            yaw=drawn.yaw * turn,
        )

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


@pytest.mark.slow
def test_turned_heads_are_named_and_not_smaller_or_blurrier_faces(tmp_path: Path) -> None:
    """In FNMR, for turned heads of one subject are unlike each other: the cut-off lies among impostor comparisons."""
    for seed, (name, turn) in enumerate({"usual": 1.0, "turned": FROM_THE_SIDE}.items(), start=31):
        with mock.patch("facegap.synthetic.developing.draw_shot", camera(0.5, turn)):
            write_population(
                tmp_path / name, subjects=SUBJECTS, images=4, spread=SPREAD, seed=seed, size=160, prefix=name
            )
    inputs = [f"{name}={tmp_path / name}" for name in ("usual", "turned")]
    study = facegap.Study(inputs=inputs, models=["dlib"], explain=True, store=tmp_path / "store")
    why = facegap.evaluate(study).explanation
    rows = why.gaps.filter(pl.col("at").str.ends_with("fmr=0.001"), pl.col("measures").list.len() == 1, metric="fnmr")
    alone = {row["measures"][0]: row for row in rows.filter(reason="").iter_rows(named=True)}
    yaw = alone["yaw"]
    assert yaw["total_low"] > 0
    assert yaw["with_measures_low"] > 0
    assert yaw["with_measures"] > 0.3 * yaw["total"]
    assert max(alone, key=lambda name: alone[name]["with_measures"]) == "yaw"
    assert abs(alone["sharpness"]["with_measures"]) < 0.3 * yaw["with_measures"]
    yaw = why.balance.row(by_predicate=pl.col("measure") == "yaw", named=True)
    assert yaw["before_spread"] > 0.5 > 0.3 > abs(yaw["before"])
