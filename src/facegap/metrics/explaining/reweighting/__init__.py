"""One sample made like another in what was measured of it, by weights; what that leaves uncertain, over subjects."""

from facegap.metrics.explaining.reweighting.left_out import Left, Subjects
from facegap.metrics.explaining.reweighting.logistic import LogisticFit, fit_logistic
from facegap.metrics.explaining.reweighting.weights import (
    Scaling,
    effective_number,
    odds,
    overlap,
    standardised_difference,
)

__all__ = ["Left", "LogisticFit", "Scaling", "Subjects"]
__all__ += ["effective_number", "fit_logistic", "odds", "overlap", "standardised_difference"]
