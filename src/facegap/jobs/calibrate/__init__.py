"""What a score is worth as evidence: likelihood ratios, and what they cost."""

from facegap.jobs.calibrate.calibrating import Calibrated, calibrate, calibrate_images
from facegap.jobs.calibrate.calibration import Calibration
from facegap.jobs.calibrate.cllr import Judged, as_probability, cllr, least_cllr
from facegap.jobs.calibrate.counted import CountedScores
from facegap.jobs.calibrate.maps import Method, Ratios, fit

__all__ = [
    "Calibrated",
    "Calibration",
    "CountedScores",
    "Judged",
    "Method",
    "Ratios",
    "as_probability",
    "calibrate",
    "calibrate_images",
    "cllr",
    "fit",
    "least_cllr",
]
