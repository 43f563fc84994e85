"""One sample made like another in what was measured of it, by weights; what that leaves uncertain, over subjects."""

from facegap.stats.reweighting.left_out import Left, Subjects
from facegap.stats.reweighting.logistic import LogisticFit, fit_logistic
from facegap.stats.reweighting.weights import Scaling, effective_number, odds, overlap, standardised_difference

__all__ = ["Left", "LogisticFit", "Scaling", "Subjects"]
__all__ += ["effective_number", "fit_logistic", "odds", "overlap", "standardised_difference"]
