"""Whether two images show the same person, and what a report says of such a score."""

from facegap.verification.evidence import Evidence, FalseMatch, ThresholdRate
from facegap.verification.verify import Comparison, Photo, Threshold, Verification, verify

__all__ = ["Comparison", "Evidence", "FalseMatch", "Photo", "Threshold", "ThresholdRate", "Verification", "verify"]
