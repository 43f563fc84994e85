"""What measures of images are called in sentences."""

from facegap.measures import NORM, image_measures
from facegap.report.text.language import _


def measure_name(name: str) -> str:
    """Return what a measure is called in a sentence; a column of a table and an unknown plug-in's as they are."""
    labels = {one.name: one.label for one in (*image_measures(), NORM)}
    return _(labels[name]) if name in labels else name
