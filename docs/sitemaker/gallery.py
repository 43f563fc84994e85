"""Copies the pictures of the gallery from the report of `facegap demo`.

`python -m sitemaker.gallery REPORT`, in `docs`, does it.
"""

import shutil
import sys
from pathlib import Path

PICTURES = Path(__file__).parents[1] / "gallery"
CHARTS = (
    "forest-auc",
    "forest-fmr-shipped",
    "scores-dlib-hard",
    "thresholds-dlib-hard",
    "roc-cohort-hard-det",
    "subjects-dlib",
)


def copy(report: Path, out: Path = PICTURES) -> None:
    """Copy the charts that the gallery shows from a report's folder."""
    out.mkdir(exist_ok=True)
    for name in CHARTS:
        shutil.copyfile(report / "charts" / f"{name}.svg", out / f"{name}.svg")


if __name__ == "__main__":
    copy(Path(sys.argv[1]))
