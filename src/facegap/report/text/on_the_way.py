"""What a run says while it is under way."""

from collections.abc import Mapping, Sequence

from facegap.report.text.formatting import count
from facegap.report.text.language import _, in_a_row, ngettext, shortened
from facegap.report.text.names import outcome_name
from facegap.run.heat import RELIEF
from facegap.run.text import N_

_TASKS = (
    N_("charts"),
    N_("choosing the regularisation"),
    N_("asking"),
    N_("comparing"),
    N_("cutting faces out"),
    N_("drawing faces"),
    N_("drawing faces to learn from"),
    N_("intervals"),
    N_("planning"),
    N_("reading"),
    N_("thumbnails"),
    N_("trying contracts"),
)
"""The tasks that progress is told of by a name; others bring theirs along."""


def task_name(task: str) -> str:
    """Return what a task is called beside its bar."""
    return _(task)


def progress_text(task: str, done: int, total: int) -> str:
    """Return how far a task is, as a line."""
    return _("{task}: {done} of {total}", task=task_name(task), done=count(done), total=count(total))


def compiling() -> str:
    """Return why the first run takes longer."""
    return _("this run compiles the scoring kernels, once: about 20 s")


def brought_detector(detector: str) -> str:
    """Return which detector finds the faces, where the models bring it."""
    return _("faces are found by {detector}, which comes with the model; --detector names another", detector=detector)


def boxes_passed_over(columns: Sequence[str]) -> str:
    """Return that a table gives the faces, and the detector looks for others."""
    return _(
        "the columns {columns} give the faces, and are passed over: --detector box takes them",
        columns=in_a_row(columns),
    )


def compared_on_cpu() -> str:
    """Return that embedding and comparing are on different devices."""
    return _("scores are computed on the processor, for torch is not installed: pip install 'facegap[gpu]'")


def asking(model: str, asked: int, kept: int, most: int | None) -> str:
    """Return how many comparisons a black box is asked for, how many answers are at hand, and how often it may be."""
    named = {"model": model, "asked": format(asked, ",")}
    if most is None:
        said = _("{model}: asked for {asked} comparisons", **named)
    else:
        said = _("{model}: asked for {asked} comparisons, in {most} calls at most", **named, most=format(most, ","))
    return (
        _("{said}; the answers to {kept} more are kept from before", said=said, kept=format(kept, ","))
        if kept
        else said
    )


def stored(model: str, found: int, images: int, store: object | None) -> str:
    """Return how many embeddings need not be made; `store`: where they are, None where no folder is to be named."""
    if store is None:
        return _("{model}: {found} of {images} embeddings found in the store", model=model, found=found, images=images)
    return _(
        "{model}: {found} of {images} embeddings found in the store {store}",
        model=model,
        found=found,
        images=images,
        store=store,
    )


def heat_text(temperature: float | None, limit: float) -> str:
    """Return that work waits for the processor to cool, or never will, as there is no temperature in °C."""
    if temperature is None:
        return _("this system shows no processor temperature, so work never waits for {limit:g} °C", limit=limit)
    return _(
        "the processor is at {now:.0f} °C: work waits above {limit:g} °C, until {until:g} °C",
        now=temperature,
        limit=limit,
        until=limit - RELIEF,
    )


def warning(text: str) -> str:
    """Return a finding that makes the numbers doubtful."""
    return _("Warning: {text}", text=text)


def averaged(model: str, images: int, templates: int, *, unit: bool) -> str:
    """Return that templates are compared, and how the embeddings of their images are averaged."""
    named = {"model": model, "images": images, "templates": templates}
    if unit:
        return _(
            "{model}: {templates} templates are compared, each the mean of its embeddings, which are scaled to unit "
            "length first ({images} images)",
            **named,
        )
    return _(
        "{model}: {templates} templates are compared, each the mean of its embeddings as they are ({images} images)",
        **named,
    )


def chosen(tried: int, recipe: str, auc: float) -> str:
    """Return which recipe was chosen among how many."""
    return _(
        "chosen among {tried} by cross-validation over subjects: {recipe}, AUC {auc}",
        tried=tried,
        recipe=recipe,
        auc=format(auc, ".4f"),
    )


def cohort_left_out(cohort: str, subjects: int, least: int) -> str:
    """Return that a cohort of a pilot is too small to plan from."""
    return _(
        "{cohort} is left out: {subjects} subjects have two images or more, fewer than {least}",
        cohort=cohort,
        subjects=subjects,
        least=least,
    )


def going_on(folder: object) -> str:
    """Return that an interrupted training goes on."""
    return _("going on with the training in {folder}, which was interrupted", folder=folder)


def not_learnt_from(names: Sequence[str], outcome: str, most: int) -> str:
    """Return which images cannot be learnt from, and why: the label of their outcome."""
    return ngettext(
        "{n} image cannot be learnt from, {outcome}: {names}",
        "{n} images cannot be learnt from, {outcome}: {names}",
        len(names),
        n=len(names),
        outcome=outcome_name(outcome),
        names=shortened(names, most),
    )


def embedding_name(models: Sequence[str]) -> str:
    """Return that these models embed."""
    return _("embedding with {models}", models=in_a_row(models))


def epoch_name(epoch: int, epochs: int) -> str:
    """Return which epoch a training is in."""
    return _("epoch {epoch} of {epochs}", epoch=epoch, epochs=epochs)


def epoch_text(epoch: int, epochs: int, *, loss: float, auc: float, rates: Mapping[str, float], best: bool) -> str:
    """Return how an epoch went; `rates`: of the validation comparisons, by their names."""
    numbers = [
        _("loss {value}", value=format(loss, ".3f")),
        _("validation AUC {value}", value=format(auc, ".4f")),
        *(f"{name} {value:.3f}" for name, value in rates.items()),
        *([_("the best so far")] if best else []),
    ]
    return _("epoch {epoch} of {epochs}: {numbers}", epoch=epoch, epochs=epochs, numbers=in_a_row(numbers))
