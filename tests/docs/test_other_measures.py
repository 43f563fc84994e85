"""The recipe of docs/why.md for measures of other packages, with a package in place of OFIQ that needs no models."""

import re
import runpy
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import Comparator

PAGE = Path(__file__).resolve().parents[2] / "docs" / "why.md"


class NoFace(Exception):
    """What the package raises where it finds no face."""


class Brightness:
    """Scores an image as the package does: by name, None where one of them failed."""

    def vector_quality(self, image_rgb: np.ndarray) -> dict[str, float | None]:
        assert image_rgb.dtype == np.uint8
        if image_rgb.std() < 1:
            raise NoFace
        return {"UnifiedQualityScore": float(image_rgb.mean()), "EyesOpen": None}


def test_the_scores_of_another_package_are_columns_and_measures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = ModuleType("ofiq")
    package.__dict__.update(OFIQ=Brightness, OFIQError=NoFace)
    monkeypatch.setitem(sys.modules, "ofiq", package)
    monkeypatch.chdir(tmp_path)
    rows = [{"path": f"{s}-{k}.jpg", "subject": f"s{s}", "sex": "ab"[s % 2]} for s in range(4) for k in range(2)]
    rng = np.random.default_rng(1)
    for row in rows:
        Image.fromarray(rng.integers(0, 256, (40, 40, 3), np.uint8)).save(row["path"])
    Image.new("RGB", (64, 64)).save("blank.png")
    pl.DataFrame([*rows, {"path": "blank.png", "subject": "s0", "sex": "a"}]).write_csv("people.csv")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    Path("recipe.py").write_text(code, encoding="utf-8")
    runpy.run_path("recipe.py")
    written = pl.read_csv("with-quality.csv")
    assert written.columns == ["path", "subject", "sex", "ofiq_UnifiedQualityScore", "ofiq_EyesOpen"]
    assert written["ofiq_UnifiedQualityScore"].null_count() == 1
    spec = facegap.ModelSpec("mean", "python", "1", "whole", 20, 3, Comparator.EUCLIDEAN)
    model = facegap.Model(embed=lambda batch: batch.mean(axis=(1, 2)).astype(np.float32), spec=spec)
    study = facegap.Study(
        inputs=["with-quality.csv"], cohort_by=["sex"], models=[model], explain=True, store=tmp_path / "store"
    )
    measures = facegap.evaluate(study).explanation.measures.filter(measure="ofiq_UnifiedQualityScore", cohort="all")
    (row,) = measures.iter_rows(named=True)
    assert (row["images"], row["missing"]) == (9, 1)
    assert row["mean"] == pytest.approx(written["ofiq_UnifiedQualityScore"].drop_nulls().mean())
