"""How much there was, and how it is spread over subjects: numbers by which no model is better."""

from facegap.metrics.registry import Metric, Unit, Word, register
from facegap.run.text import N_

for name in ("images", "subjects", "genuine", "impostor"):
    register(Metric(name=name, unit=Unit.COUNT))
register(Metric(name="genuine_share", unit=Unit.PERCENT))
register(
    Metric(
        name="effective_subjects",
        unit=Unit.PEOPLE,
        word=Word(
            N_("Effective subjects"),
            N_("effective sample size"),
            N_(
                "How many people with equally many comparisons would say as much. Far fewer than the subjects where a "
                "few people have most of the images."
            ),
        ),
        reference="Kish, Survey Sampling, 1965",
    )
)
register(Metric(name="heaviest_share", unit=Unit.PERCENT))
register(Metric(name="threshold"))
