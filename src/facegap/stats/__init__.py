"""Inference on subjects: leave each out, on one scale, by Student's t. It knows no number by its name."""

from facegap.stats.claim import Claim, compare, compare_gaps, holm
from facegap.stats.combination import Combination
from facegap.stats.estimate import FEW_ERRORS, Estimate
from facegap.stats.interval import Method, limits, method_of, wilson
from facegap.stats.scale import LOG, LOGIT, PLAIN, Scale

__all__ = ["FEW_ERRORS", "LOG", "LOGIT", "PLAIN", "Claim", "Combination", "Estimate", "Method", "Scale"]
__all__ += ["compare", "compare_gaps", "holm", "limits", "method_of", "wilson"]
