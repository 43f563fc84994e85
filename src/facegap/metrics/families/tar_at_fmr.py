"""True accept rate at a false match rate; `rows` makes its rows, with the FMR that is reached."""

from facegap.metrics import chosen
from facegap.metrics.operating_points import fmr_of
from facegap.metrics.registry import Metric, Word, register
from facegap.run.text import N_

register(
    Metric(
        name="tar",
        label=N_("TAR"),
        higher_is_better=True,
        word=Word(
            N_("TAR@FMR=f"),
            N_("TPR at FPR, recall"),
            N_(
                "1 − FNMR at the loosest threshold whose FMR does not exceed f, shown with the FMR reached there. Each "
                "cohort has its own such threshold: one threshold for all gives other numbers."
            ),
        ),
        reference="ISO/IEC 19795-1",
        compared_at=frozenset({"fmr=0.01", "fmr=0.001"}),
        complement="fnmr",
        worst=0.0,
        estimate=lambda subjects, at: chosen.tar(subjects, fmr_of(at)),
        threshold_bounds=lambda subjects, at, level: chosen.tar_threshold(subjects, fmr_of(at), level),
    )
)
