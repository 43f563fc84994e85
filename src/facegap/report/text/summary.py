"""The summary: one line per set of images, model and cohort."""

from facegap.data.evaluation import Evaluation
from facegap.report.text.formatting import metric_text, threshold_text, value_text
from facegap.report.text.language import _
from facegap.report.text.names import cohort_name
from facegap.run.text import N_

Cells = dict[tuple[str, str, str, str], dict]
"""Rows of `Evaluation.metrics` by (model, cohort, metric, at); a cohort may be a pair, see `Evaluation.populations`."""

SETS = ("own", "common")
"""The sets of images that rates are over: those the model could embed, and those that every model could embed."""

COLUMNS = {
    N_("Images"): ("images", ""),
    N_("Subjects"): ("subjects", ""),
    N_("FTA"): ("fta", ""),
    N_("Genuine"): ("genuine", ""),
    N_("Impostor"): ("impostor", ""),
    N_("FMR@shipped"): ("fmr", "shipped"),
    N_("FNMR@shipped"): ("fnmr", "shipped"),
    N_("TAR@FMR=1e-2"): ("tar", "fmr=0.01"),
    N_("TAR@FMR=1e-3"): ("tar", "fmr=0.001"),
    N_("EER"): ("eer", ""),
    N_("AUC"): ("auc", ""),
    N_("Best F1"): ("f1", "best-f1"),
}
"""What the summary shows of each model and cohort, by the title of its column: the metric and at which operating point.
The rates come first: a few wrong labels make most of what an AUC lacks to 1."""

STANDS_ON = {
    N_("Effective subjects"): ("effective_subjects", "genuine"),
    N_("Heaviest subject"): ("heaviest_share", "genuine"),
}
"""How many subjects the genuine comparisons really stand on, and which share of them one subject has."""

COUNTED = ("Images", "Subjects", "FTA", "Genuine", "Impostor")
MEASURED = tuple(column for column in COLUMNS if column not in COUNTED)
"""The columns that say how much there was, and those that say how well it went."""


NAMED = (N_("Image set"), N_("Model"), N_("Cohort"))
"""The columns that name a row."""


def set_name(images: str) -> str:
    """Return what a set of images is called."""
    return _("own") if images == "own" else _("common")


def set_words(images: str) -> str:
    """Return which images are in a set of them."""
    if images == "own":
        return _("every image the model could embed")
    return _("the images that every model could embed")


def summary_rows(evaluation: Evaluation) -> list[dict[str, str]]:
    """Return the summary as text, every row with the same keys in the order they are shown in.

    The keys are the titles of the columns in English; `_` translates them.

    Where rates over the images that all models could embed exist as well, the first key is `Image set` (`own` or
    `common`) and the own rows come first; otherwise there is no such key.
    """
    sets = image_sets(evaluation)
    return [
        {**({"Image set": set_name(images)} if len(sets) > 1 else {}), **_line(cells, model, cohort)}
        for images in sets
        for cells in [metric_cells(evaluation, images)]
        for model in evaluation.models["model"]
        for cohort in evaluation.populations
    ]


def image_sets(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the sets of images there are rates for: `own`, and `common` where models failed on different images."""
    present = set(evaluation.metrics["images"])
    return tuple(images for images in SETS if images in present) or ("own",)


def metric_cells(evaluation: Evaluation, images: str) -> Cells:
    """Return the rows of one set of images, of each cohort and each pair of cohorts that is shown."""
    across = evaluation.across
    names = {across.get(name, (name, name)): name for name in evaluation.populations}
    return {
        (row["model"], name, row["metric"], row["at"]): row
        for row in evaluation.metrics.iter_rows(named=True)
        if row["images"] == images and (name := names.get((row["probe_cohort"], row["gallery_cohort"]))) is not None
    }


def best_text(row: dict | None) -> str:
    """Return a rate together with the threshold it is reached at: `0.57 @ 0.35`."""
    if row is None or row["value"] is None:
        return value_text(row)
    return f"{value_text(row)} @ {threshold_text(row['threshold'])}"


def _line(cells: Cells, model: str, cohort: str) -> dict[str, str]:
    line = {"Model": model, "Cohort": cohort_name(cohort)}
    for column, (metric, at) in COLUMNS.items():
        row = cells.get((model, cohort, metric, at))
        write = best_text if column == "Best F1" else value_text if column == "FTA" else metric_text
        line[column] = write(row)
    return line
