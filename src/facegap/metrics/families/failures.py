"""Failures to acquire, and accuracy over the folds of an official list: their rows are made where images are known."""

from facegap.metrics.registry import Metric, Unit, Word, register

register(
    Metric(
        name="fta",
        label="FTA",
        higher_is_better=False,
        unit=Unit.PERCENT,
        word=Word(
            "FTA",
            "silently dropped images",
            "Failure to acquire: the share of images from which no embedding could be had.",
        ),
        reference="ISO/IEC 19795-1",
    )
)
register(Metric(name="fold_accuracy"))
