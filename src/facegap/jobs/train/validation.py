"""How good a network is on subjects it did not learn from: facegap's own scoring, not the accuracy of a classifier."""

from dataclasses import dataclass

import numpy as np

from facegap.data.comparator import Comparator
from facegap.metrics import Rates
from facegap.metrics.asked import GLOBAL_FMRS
from facegap.run.executor import Threads
from facegap.scoring import compare_all

COHORT = "validation"


@dataclass(frozen=True)
class OperatingPoint:
    """The loosest threshold whose FMR is at most `fmr`, and the TAR there."""

    fmr: float
    threshold: float
    tar: float

    @property
    def rule(self) -> str:
        """How the threshold was chosen, in words."""
        return f"FMR <= {self.fmr:g}"


@dataclass(frozen=True)
class Validated:
    """The comparisons of the validation subjects, all with all."""

    rates: Rates

    @property
    def auc(self) -> float:
        """Area under the ROC curve."""
        return self.rates.auc()

    @property
    def operating_point(self) -> OperatingPoint | None:
        """The one at the strictest usual FMR that can be resolved, if any can."""
        for fmr in GLOBAL_FMRS:
            if self.rates.resolvable(fmr):
                point = self.rates.loosest_within(fmr)
                return OperatingPoint(fmr, point.threshold, point.recall)
        return None


def validate(vectors: np.ndarray, subject: np.ndarray) -> Validated:
    """Compare all embeddings (n, D) of the validation subjects. `subject`: (n,) codes."""
    together = np.zeros(len(subject), np.int32)
    finite = np.all(np.isfinite(vectors), axis=1).astype(bool)
    tally = compare_all(
        vectors.astype(np.float32),
        subject.astype(np.int32),
        together,
        finite,
        comparator=Comparator.COSINE,
        cohorts=(COHORT,),
        executor=Threads(1),
    )
    return Validated(Rates(tally.between(COHORT, COHORT)))
