"""Why numbers differ between cohorts: how much of a gap goes with what was measured of the images."""

from facegap.metrics.explaining.cohort_scores import CohortScores
from facegap.metrics.explaining.columns import Columns
from facegap.metrics.explaining.decomposition import Decomposition, Gap, Part, decompose
from facegap.metrics.explaining.discard import Curve, curve, partial_area
from facegap.metrics.explaining.numbers import Number
from facegap.metrics.explaining.reasons import Unexplained
from facegap.metrics.explaining.tables import Measured, explain

__all__ = ["CohortScores", "Columns", "Curve", "Decomposition", "Gap", "Measured", "Number", "Part"]
__all__ += ["Unexplained", "curve", "decompose", "explain", "partial_area"]
