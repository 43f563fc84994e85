"""What a score is worth as evidence: likelihood ratios, and what they cost."""

from facegap.calibration.calibrate import Calibrated, calibrate, calibrate_images
from facegap.calibration.calibration import Calibration
from facegap.calibration.cllr import Judged, as_probability, cllr, least_cllr
from facegap.calibration.counted import CountedScores
from facegap.calibration.maps import Method, Ratios, fit
from facegap.calibration.use import Use

__all__ = [
    "Calibrated",
    "Calibration",
    "CountedScores",
    "Judged",
    "Method",
    "Ratios",
    "Use",
    "as_probability",
    "calibrate",
    "calibrate_images",
    "cllr",
    "fit",
    "least_cllr",
]
