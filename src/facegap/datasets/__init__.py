"""Reading data sets: one file per way in, and one function, `read`, that finds out which way fits."""

from facegap.datasets.findings import content_findings, label_findings
from facegap.datasets.read import read

__all__ = ["content_findings", "label_findings", "read"]
