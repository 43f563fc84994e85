"""Error rates, summary numbers and curves from counted comparisons."""

from facegap.metrics import families as families
from facegap.metrics.asked import ThresholdFrom, ask
from facegap.metrics.bounds import Method
from facegap.metrics.evaluated import EvaluatedThresholds, thresholds_to_evaluate
from facegap.metrics.folds import FoldAccuracy, fold_accuracy
from facegap.metrics.influence import HIGH_AUC
from facegap.metrics.measure import measure
from facegap.metrics.rates import Point, Rates
from facegap.metrics.scored import Failures, Scored, Weigh

__all__ = [
    "HIGH_AUC",
    "EvaluatedThresholds",
    "Failures",
    "FoldAccuracy",
    "Method",
    "Point",
    "Rates",
    "Scored",
    "ThresholdFrom",
    "Weigh",
    "ask",
    "fold_accuracy",
    "measure",
    "thresholds_to_evaluate",
]
