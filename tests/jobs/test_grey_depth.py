"""Photos of infrared cameras are not black, and it is said how they were read."""

from pathlib import Path

import numpy as np
from PIL import Image

from facegap.datasets import read_source
from facegap.jobs.grey_depth import depth_findings
from facegap.report.text.findings import finding_text
from facegap.synthetic import write_population


def _infrared(folder: Path, bits: int) -> Path:
    """Return people photographed in grey, with so many bits in PNG of 16."""
    write_population(folder, subjects=2, images=2, spread=1.0, seed=3)
    for path in sorted(folder.rglob("*.*")):
        if path.suffix in (".png", ".jpg"):
            grey = np.asarray(Image.open(path).convert("L")).astype(np.uint16)
            path.unlink()
            Image.fromarray(grey << (bits - 8)).save(path.with_suffix(".png"))
    return folder


def test_it_is_said_of_each_cohort_that_uses_fewer_bits(tmp_path: Path) -> None:
    folders = [f"bits{bits}={_infrared(tmp_path / str(bits), bits)}" for bits in (12, 16, 10)]
    findings = list(depth_findings(read_source(folders)))
    assert [(one.kind, len(one.paths)) for one in findings] == [("scaled-grey", 1)] * 2
    assert "uses 12" in finding_text(findings[0])
    assert "4,095" in finding_text(findings[0])
    assert "uses 10" in finding_text(findings[1])


def test_nothing_is_said_of_usual_photos(tmp_path: Path) -> None:
    write_population(tmp_path / "a", subjects=2, images=2, spread=1.0, seed=3)
    assert not list(depth_findings(read_source([tmp_path / "a"])))
