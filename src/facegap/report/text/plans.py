"""A plan in words."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from facegap.report.text.formatting import count, level_text
from facegap.report.text.language import _, listed, ngettext, pgettext
from facegap.report.text.measure_names import measure_name
from facegap.report.text.why import reason_words
from facegap.run.text import N_

if TYPE_CHECKING:
    from facegap.jobs.plan import Answer, Plan, Request, Standardised
    from facegap.jobs.plan.planning import Need

SMALL_SAVING = 0.25
"""A share of the subjects that is not worth doubling the images for."""

_GAPS = {
    "cohorts": N_("A gap of {size} in {metric} between two cohorts, found with {power} power"),
    "models": N_("A gap of {size} in {metric} between two models, found with {power} power"),
}


def title(answer: "Answer", found: "Plan") -> str:
    """Return what a table of needs is about."""
    question = answer.question
    if question.kind == "gap":
        size, power = f"{question.size:g}", level_text(found.request.power)
        asked = _(_GAPS[question.between], size=size, metric=question.name, power=power)
    else:
        asked = _("{metric}, known to within half of itself", metric=question)
    if found.assumption:
        return asked
    return _("{asked} ({model}; {people})", asked=asked, model=answer.model, people=answer.case.people)


def subjects_label(answer: "Answer") -> str:
    """Return what the subjects of a table are: all, or those in each cohort."""
    return _("Subjects in each cohort") if answer.case.sides > 1 else _("Subjects")


def range_text(need: "Need") -> str:
    """Return how many subjects may be needed, "" where that is not known."""
    if need.low is None or need.high is None:
        return ""
    return _("{low} to {high}", low=count(need.low), high=count(need.high))


def sentences(answer: "Answer") -> Iterator[str]:
    """Yield what an answer says, and what it rests on."""
    need, twice = answer.planned, answer.doubled
    said = _needed(need, in_each=answer.case.sides > 1)
    yield said if twice is None else _("{needed} {doubled}", needed=said, doubled=_doubled(need, twice))
    if not answer.case.law.sees_images:
        yield _("The pilot does not show what more images of each would do; they are taken to be of no use.")
    question = answer.question
    if question.kind == "gap" and question.between == "models" and not answer.case.paired:
        yield _(
            "One model gives no pairs of scores: the two are taken as unrelated. With both models in a pilot, fewer "
            "subjects will be enough."
        )
    if answer.case.anchor is not None:
        fmr = f"{answer.case.anchor:.2g}"
        yield _(
            "The pilot shows an FMR of {fmr} and above; {asked} is extrapolated from there.", fmr=fmr, asked=question
        )


def notes(found: "Plan") -> Iterator[str]:
    """Yield what holds for the whole plan."""
    needs = [need for answer in found.answers for need in answer.needs]
    if not found.assumption:
        if not all(need.measured for need in needs):
            yield _("* more images of each than the pilot has: extrapolated.")
        subjects = sorted({round(answer.case.law.subjects) for answer in found.answers})
        yield _(
            "The likely range is what a pilot of {numbers} subjects leaves open; a larger pilot narrows it.",
            numbers=pgettext("enumeration", " or ").join(map(str, subjects)),
        )
    if found.lost > 0:
        lost, more = f"{100 * found.lost:.2g} %", f"{100 * found.lost / (1 - found.lost):.2g} %"
        yield _("The pilot lost {lost} of its images to failures: take {more} more.", lost=lost, more=more)


def assumption_text(auc: float, subjects: int, images: int) -> str:
    """Return what was assumed where nothing was measured: an AUC, and how many people were simulated for it."""
    assumed = f"{auc:g}"
    return _(
        "Nothing was measured: this plan assumes people on whom a model's AUC is {auc} and who differ as simulated "
        "ones do. {subjects} subjects with {images} images were simulated, some harder than others, some with more "
        "false matches than others. A pilot of your own people will give other numbers.",
        auc=assumed,
        subjects=subjects,
        images=images,
    )


def standardised_sentence(found: "Standardised", request: "Request") -> str:
    """Return what it takes to find what is left of a gap, or why that cannot be told."""
    names = {
        "model": found.model, "size": f"{found.question.size:g}", "metric": found.question.name,
        "cohort": found.cohort, "reference": found.reference,
    }  # fmt: skip
    if found.subjects is None or found.times is None:
        return _(
            "{model}: a gap of {size} in {metric} between {cohort} and {reference}, with images made alike, cannot be "
            "planned for: {reason}.",
            **names,
            reason=reason_words(found.reason),
        )
    return _(
        "{model}: a gap of {size} in {metric} between {cohort} and {reference} that is left when their images are made "
        "alike in {measures}, found with {power} power: it takes {subjects} subjects of {cohort} ({now} now) and "
        "{others} of {reference} ({others_now} now), {times} times those of the report. The report shows {left} "
        "[{low}, {high}] to be left.",
        **names,
        measures=listed([measure_name(name) for name in found.measures]),
        power=level_text(request.power),
        subjects=count(found.subjects[0]),
        now=count(found.now[0]),
        others=count(found.subjects[1]),
        others_now=count(found.now[1]),
        times=f"{found.times:.2g}",
        left=f"{found.left:.3g}",
        low=f"{found.low:.3g}",
        high=f"{found.high:.3g}",
    )


def standardised_notes(found: "Sequence[Standardised]") -> Iterator[str]:
    """Yield what plans for gaps after standardisation take for granted."""
    if any(one.subjects for one in found):
        yield _(
            "Taken for granted: both cohorts grow alike by people like those of the report, with as many images of "
            "each, and their images overlap in these measures as much as now. The standard error then falls with the "
            "square root of the number of subjects. How well the report knows it is not counted."
        )


def _needed(need: "Need", *, in_each: bool) -> str:
    """Return what a study takes."""
    counts = {"images": need.images, "subjects": count(need.subjects), "all": count(need.images_in_all)}
    if in_each:
        return ngettext(
            "With {images} image of each it takes {subjects} subjects in each cohort, {all} images.",
            "With {images} images of each it takes {subjects} subjects in each cohort, {all} images.",
            need.images,
            **counts,
        )
    return ngettext(
        "With {images} image of each it takes {subjects} subjects, {all} images.",
        "With {images} images of each it takes {subjects} subjects, {all} images.",
        need.images,
        **counts,
    )


def _doubled(need: "Need", twice: "Need") -> str:
    """Return what twice the images of each subject would change."""
    saved, more = need.subjects - twice.subjects, twice.images_in_all - need.images_in_all
    counts = {"images": twice.images, "subjects": count(twice.subjects), "saved": count(saved), "n": count(abs(more))}
    saves = "none" if not saved else "few" if 0 < saved < SMALL_SAVING * need.subjects else "many"
    return _(_DOUBLED[saves, more >= 0], **counts)


_DOUBLED = {
    ("none", True): N_(
        "With {images} images of each it takes {subjects}: that saves no subject, for {n} images more in all."
    ),
    ("none", False): N_(
        "With {images} images of each it takes {subjects}: that saves no subject, for {n} images fewer in all."
    ),
    ("few", True): N_(
        "With {images} images of each it takes {subjects}: that saves only {saved} subjects, for {n} images more in "
        "all."
    ),
    ("few", False): N_(
        "With {images} images of each it takes {subjects}: that saves only {saved} subjects, for {n} images fewer in "
        "all."
    ),
    ("many", True): N_(
        "With {images} images of each it takes {subjects}: that saves {saved} subjects, for {n} images more in all."
    ),
    ("many", False): N_(
        "With {images} images of each it takes {subjects}: that saves {saved} subjects, for {n} images fewer in all."
    ),
}
"""What twice the images save, by how many subjects that are and whether there are more images in all."""
