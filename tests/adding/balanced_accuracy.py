"""The mean of the shares of both kinds of comparisons that are decided rightly."""

from facegap.metrics import formulas
from facegap.metrics.operating_points import OperatingPoint
from facegap.metrics.registry import PointMetric, Unit, Word, register
from facegap.run.text import N_

SHIPPED = frozenset({OperatingPoint.SHIPPED})

register(
    PointMetric(
        name="balanced_accuracy",
        label=N_("balanced accuracy"),
        higher_is_better=True,
        unit=Unit.PERCENT,
        word=Word(N_("Balanced accuracy"), "", N_("The mean of the shares of both kinds that are decided rightly.")),
        formula=lambda tp, fp, g, i: (tp / g + 1 - fp / i) / 2,
        decisions=(formulas.of_genuine, formulas.of_impostors),
        points=SHIPPED,
        compared_at=SHIPPED,
    )
)
