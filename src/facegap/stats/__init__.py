"""Inference on subjects: leave one out, on one scale, by Student's t. Knows no metric by name."""

from facegap.stats.claim import Claim, compare, compare_gaps
from facegap.stats.combination import Combination, Parts
from facegap.stats.estimate import FEW_ERRORS, Estimate, PairPart
from facegap.stats.interval import Method, interval, method_of, wilson
from facegap.stats.leave_out import first_order
from facegap.stats.multiple import holm
from facegap.stats.scale import LOG, LOGIT, PLAIN, Scale

__all__ = [
    "FEW_ERRORS",
    "LOG",
    "LOGIT",
    "PLAIN",
    "Claim",
    "Combination",
    "Estimate",
    "Method",
    "PairPart",
    "Parts",
    "Scale",
    "compare",
    "compare_gaps",
    "first_order",
    "holm",
    "interval",
    "method_of",
    "wilson",
]
