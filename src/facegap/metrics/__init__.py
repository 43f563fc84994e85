"""Error rates, summary numbers and curves from counted comparisons."""

from facegap.metrics.folds import fold_accuracy
from facegap.metrics.measure import Failures, Scored, ThresholdFrom, measure
from facegap.metrics.rates import Point, Rates

__all__ = ["Failures", "Point", "Rates", "Scored", "ThresholdFrom", "fold_accuracy", "measure"]
