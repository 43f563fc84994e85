"""Why a gap, or a part of one, cannot be told."""

from enum import StrEnum


class Unexplained(StrEnum):
    """Codes; `report/text/why.py` has their sentences."""

    MISSING = "missing"
    CONSTANT = "constant"
    NO_OVERLAP = "no-overlap"
    NO_MEASURES = "no-measures"
    FEW_SUBJECTS = "few-subjects"
    FEW_EFFECTIVE = "few-effective"
    FEW_ERRORS = "few-errors"
    TOO_HIGH = "too-high"
    NO_SPREAD = "no-spread"


MOST_MISSING = 0.05
"""A measure that more of a cohort's images lack is left out; else the images that lack it are."""

LEAST_OVERLAP = 0.8
"""So much of the one cohort must lie within the reach of the other: weights cannot make images that are not there."""

LEAST_SUBJECTS = 10
"""Subjects with genuine comparisons, of each cohort, and subjects that are left in effect after weighting."""
