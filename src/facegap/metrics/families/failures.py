"""Failures to acquire, and accuracy over the folds of an official list: their rows are made where images are known."""

from facegap.metrics.registry import Metric, Unit, Word, register
from facegap.run.text import N_

register(
    Metric(
        name="fta",
        label=N_("FTA"),
        higher_is_better=False,
        unit=Unit.PERCENT,
        word=Word(
            N_("FTA"),
            N_("silently dropped images"),
            N_("Failure to acquire: the share of images from which no embedding could be had."),
        ),
        reference="ISO/IEC 19795-1",
    )
)
register(Metric(name="fold_accuracy"))
