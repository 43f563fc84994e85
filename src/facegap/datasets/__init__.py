"""Reading data sets: one file per way in, and one function, `read_source`, that finds out which way fits."""

from facegap.datasets.cohorts import attributes_of
from facegap.datasets.drawn_pairs import draw_pairs
from facegap.datasets.findings import content_findings, label_findings
from facegap.datasets.read import read, read_source
from facegap.datasets.scores.direction import direction_of

__all__ = ["attributes_of", "content_findings", "direction_of", "draw_pairs", "label_findings", "read", "read_source"]
