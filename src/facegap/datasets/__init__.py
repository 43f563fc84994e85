"""Reading data sets: one file per way in, and one function, `read_source`, that finds out which way fits."""

from facegap.datasets.findings import content_findings, label_findings
from facegap.datasets.read import read, read_source

__all__ = ["content_findings", "label_findings", "read", "read_source"]
