"""Which charts an evaluation has: every figure with its title, its views and its data computed."""

from dataclasses import dataclass

from facegap.data.evaluation import Evaluation
from facegap.report.charts import charts, subject_charts
from facegap.report.charts.forest import forest, panels
from facegap.report.tables import frames
from facegap.report.text.language import _, said_of
from facegap.report.text.names import file_stem, short_names
from facegap.report.text.phrases import at_short
from facegap.report.text.summary import Cells, image_sets, metric_cells, set_words


@dataclass(frozen=True)
class Figure:
    """One figure: `stem` names its files; `views` holds its charts by kind (`linear`, `log`, `det`), or one under "".

    `model` and `cohort` say what it shows, "" where it shows all of them. `caption` is the title without what the
    place on the page says already.
    """

    stem: str
    title: str
    caption: str
    views: dict[str, charts.Chart]
    model: str = ""
    cohort: str = ""


@dataclass(frozen=True)
class Figures:
    """All figures: error curves of all models per cohort and of all cohorts per model, then two figures per cell.

    `forest` comes before them, a panel per number, and `causes` after them, figures of subjects per model; both are
    empty without intervals.
    """

    forest: list[Figure]
    by_cohort: list[Figure]
    by_model: list[Figure]
    sweeps: list[Figure]
    histograms: list[Figure]
    causes: list[Figure]

    @property
    def every(self) -> list[Figure]:
        """All of them, in the order of the page."""
        return [*self.forest, *self.by_cohort, *self.by_model, *self.sweeps, *self.histograms, *self.causes]


def figures_of(evaluation: Evaluation) -> Figures:
    """Return the figures of an evaluation.

    Models are drawn together over the images that all of them could embed, where there are such rates; everything
    else is over the images each model could embed. What has no rows has no figure.
    """
    stems: set[str] = set()
    own = metric_cells(evaluation, "own")
    cells = [(model, cohort) for model in evaluation.models["model"] for cohort in evaluation.populations]
    return Figures(
        forest=_forest(evaluation, stems),
        by_cohort=_curves_by_cohort(evaluation, stems),
        by_model=_curves_by_model(evaluation, own, stems),
        sweeps=[figure for cell in cells for figure in _sweep(evaluation, own, stems, *cell)],
        histograms=[figure for cell in cells for figure in _histogram(evaluation, own, stems, *cell)],
        causes=[figure for model in evaluation.models["model"] for figure in _causes(evaluation, stems, model)],
    )


def _forest(evaluation: Evaluation, stems: set[str]) -> list[Figure]:
    images = image_sets(evaluation)[-1]
    return [
        Figure(
            file_stem(stems, "forest", panel.stem),
            _("{metric} ({which})", metric=panel.title, which=set_words(images)),
            panel.title,
            {"": forest(panel)},
        )
        for panel in panels(evaluation, metric_cells(evaluation, images))
    ]


def _curves_by_cohort(evaluation: Evaluation, stems: set[str]) -> list[Figure]:
    images = image_sets(evaluation)[-1]
    cells = metric_cells(evaluation, images)
    names = short_names(evaluation.models["model"].to_list())
    figures = []
    for cohort in evaluation.populations:
        series = {(model, cohort): name for model, name in names.items()}
        if views := _views(evaluation, cells, images, series):
            title = _("Models in {cohort} ({which})", cohort=cohort, which=set_words(images))
            figures.append(Figure(file_stem(stems, "roc", "cohort", cohort), title, cohort, views, cohort=cohort))
    return figures


def _curves_by_model(evaluation: Evaluation, cells: Cells, stems: set[str]) -> list[Figure]:
    names = short_names(evaluation.populations)
    figures = []
    for model in evaluation.models["model"]:
        series = {(model, cohort): name for cohort, name in names.items()}
        if views := _views(evaluation, cells, "own", series):
            title = _("Cohorts with {model} ({which})", model=model, which=set_words("own"))
            figures.append(Figure(file_stem(stems, "roc", "model", model), title, model, views, model=model))
    return figures


def _views(evaluation: Evaluation, cells: Cells, images: str, series: frames.Series) -> dict[str, charts.Chart]:
    """Return the three views of some error curves, or none where no cell has a curve."""
    named = frames.with_auc(cells, series)
    curves = frames.error_curves(evaluation, cells, images, named)
    if curves.is_empty():
        return {}
    bands = frames.error_bands(evaluation, cells, images, named)
    labels = list(named.values())
    return {
        "linear": charts.roc(curves, bands, labels),
        "log": charts.roc_log(curves, bands, labels),
        "det": charts.det(curves, bands, labels),
    }


def _sweep(evaluation: Evaluation, cells: Cells, stems: set[str], model: str, cohort: str) -> list[Figure]:
    rates = frames.within(evaluation.sweep, "own", model, evaluation.ends(cohort)).select(
        "threshold", *frames.RATES, "fmr", "fnmr"
    )
    if rates.is_empty():
        return []
    marks = frames.marked_thresholds(cells, model, cohort)
    bands = frames.swept_bands(evaluation, model, cohort)
    chart = charts.sweep(frames.swept_rates(rates), bands, rates, marks, evaluation.comparator(model))
    stem = file_stem(stems, "thresholds", model, cohort)
    title = _("{model} in {cohort}: rates over the threshold", model=model, cohort=cohort)
    return [Figure(stem, title, cohort, {"": chart}, model, cohort)]


def _histogram(evaluation: Evaluation, cells: Cells, stems: set[str], model: str, cohort: str) -> list[Figure]:
    bins = frames.within(evaluation.histogram, "own", model, evaluation.ends(cohort))
    if bins.is_empty():
        return []
    marks = frames.marked_thresholds(cells, model, cohort).filter(mark="shipped")
    chart = charts.scores(frames.score_shares(bins), marks, evaluation.comparator(model))
    stem = file_stem(stems, "scores", model, cohort)
    title = _("{model} in {cohort}: scores", model=model, cohort=cohort)
    return [Figure(stem, title, cohort, {"": chart}, model, cohort)]


def _causes(evaluation: Evaluation, stems: set[str], model: str) -> list[Figure]:
    """Return the figures of who causes a model's errors: every subject's mean scores, and FMR without the worst."""
    figures = []
    people = evaluation.subjects.filter(model=model)
    means = people.drop_nulls(["genuine_mean", "impostor_mean"]).unique("subject", maintain_order=True)
    if not means.is_empty():
        chart = subject_charts.scatter(means, evaluation.comparator(model))
        caption = _("Mean scores of those with most errors")
        title = said_of(model, caption)
        figures.append(Figure(file_stem(stems, "subjects", model), title, caption, {"": chart}, model))
    left = evaluation.without.filter(model=model).drop_nulls("fmr")
    for at in left["at"].unique(maintain_order=True):
        chart = subject_charts.without(left.filter(at=at))
        caption = _("FMR without those with most false matches, {at}", at=at_short(at))
        title = said_of(model, caption)
        figures.append(Figure(file_stem(stems, "without", model, at), title, caption, {"": chart}, model))
    return figures
