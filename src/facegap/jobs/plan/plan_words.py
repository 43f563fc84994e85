"""A plan in words."""

from collections.abc import Iterator

from facegap.jobs.plan.planning import Answer, Need, Plan
from facegap.jobs.plan.questions import Gap

FEW = 0.25
"""A share of the subjects that is not worth doubling the images for."""


def title(answer: Answer, found: Plan) -> str:
    """Return what a table of needs is about."""
    question = answer.question
    if isinstance(question, Gap):
        asked = f"A {question}, found with {100 * found.request.power:g} % power"
    else:
        asked = f"{question}, known to within half of itself"
    return asked if found.assumption else f"{asked} ({answer.model}; {answer.case.people})"


def subjects_label(answer: Answer) -> str:
    """Return what the subjects of a table are: all, or those in each cohort."""
    return "Subjects in each cohort" if answer.case.sides > 1 else "Subjects"


def sentences(answer: Answer) -> Iterator[str]:
    """Yield what an answer says, and what it rests on."""
    need, twice = answer.planned, answer.doubled
    where = " in each cohort" if answer.case.sides > 1 else ""
    said = f"With {_images(need.images)} of each it takes {need.subjects:,} subjects{where}"
    yield f"{said}, {need.images_in_all:,} images." + (f" {_doubled(need, twice)}" if twice is not None else "")
    if not answer.case.law.sees_images:
        yield "The pilot does not show what more images of each would do; they are taken to be of no use."
    question = answer.question
    if isinstance(question, Gap) and question.between == "models" and not answer.case.paired:
        yield (
            "One model gives no pairs of scores: the two are taken as unrelated. With both models in a pilot, fewer "
            "subjects will be enough."
        )
    if answer.case.anchor is not None:
        yield (f"The pilot shows an FMR of {answer.case.anchor:.2g} and above; {question} is extrapolated from there.")


def notes(found: Plan) -> Iterator[str]:
    """Yield what holds for the whole plan."""
    needs = [need for answer in found.answers for need in answer.needs]
    if not found.assumption:
        if not all(need.measured for need in needs):
            yield "* more images of each than the pilot has: extrapolated."
        subjects = sorted({round(answer.case.law.subjects) for answer in found.answers})
        yield (
            f"The likely range is what a pilot of {' or '.join(map(str, subjects))} subjects leaves open; "
            "a larger pilot narrows it."
        )
    if found.lost > 0:
        more = found.lost / (1 - found.lost)
        yield f"The pilot lost {100 * found.lost:.2g} % of its images to failures: take {100 * more:.2g} % more."


def _doubled(need: Need, twice: Need) -> str:
    """Return what twice the images of each subject would change."""
    saved, more = need.subjects - twice.subjects, twice.images_in_all - need.images_in_all
    only = "only " if 0 < saved < FEW * need.subjects else ""
    fewer = f"{only}{saved:,} subjects" if saved else "no subject"
    change = f"{abs(more):,} images {'more' if more >= 0 else 'fewer'} in all"
    return f"With {_images(twice.images)} of each it takes {twice.subjects:,}: that saves {fewer}, for {change}."


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"
