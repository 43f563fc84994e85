"""The half total error rate, at a threshold that was chosen on other comparisons.

At a threshold chosen on the same comparisons it would flatter the model, so there it is not measured.
"""

from facegap.metrics import formulas
from facegap.metrics.operating_points import OperatingPoint
from facegap.metrics.registry import PointMetric, Unit, Word, register
from facegap.run.text import N_

ELSEWHERE = frozenset({OperatingPoint.ELSEWHERE})

register(
    PointMetric(
        name="hter",
        label=N_("HTER"),
        higher_is_better=False,
        unit=Unit.PERCENT,
        word=Word(
            N_("HTER"),
            N_("half total error rate"),
            N_("The mean of FMR and FNMR at a threshold that was chosen on another cohort (Bengio & Mariéthoz 2004)."),
        ),
        reference="Bengio & Mariéthoz, Odyssey, 2004",
        standing=False,
        formula=lambda tp, fp, g, i: (fp / i + (g - tp) / g) / 2,
        decisions=(formulas.of_impostors, formulas.of_genuine),
        points=ELSEWHERE,
        compared_at=ELSEWHERE,
    )
)
