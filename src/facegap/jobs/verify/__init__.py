"""Whether two images show the same person, and what a report says of such a score."""

from facegap.jobs.verify.evidence import Evidence, FalseMatch, ThresholdRate
from facegap.jobs.verify.verifying import Comparison, Threshold, Verification, VerifiedImage, verify

__all__ = [
    "Comparison",
    "Evidence",
    "FalseMatch",
    "Threshold",
    "ThresholdRate",
    "Verification",
    "VerifiedImage",
    "verify",
]
