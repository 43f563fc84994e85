"""From a pilot and questions to the subjects and images that a study needs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy import special

from facegap.errors import InputError
from facegap.jobs.plan.cases import PlanCase, cases, probes_of
from facegap.jobs.plan.law import Reading, fit
from facegap.jobs.plan.pilot import LEAST_SUBJECTS, Pilot
from facegap.jobs.plan.probes import Probe
from facegap.jobs.plan.questions import Question, Request, Resolve
from facegap.jobs.plan.sample import by_subject, depths, samples
from facegap.metrics.rates import RESOLVABLE
from facegap.run.executor import Executor, Threads
from facegap.run.progress import Progress, silent

WIDTH = 0.5
"""Half the width of the interval of a resolved FMR, as a share of it: then half or twice the rate lie outside."""

SHOWN = (1, 2, 3, 5, 10, 20, 50)
"""Images per subject that a plan is worked out for, besides those asked for and twice those."""

BEYOND = 2
"""A plan is not stretched to more than so many times the images per subject of the pilot."""


@dataclass(frozen=True)
class Need:
    """What a study with `images` of each subject needs: `subjects` (in each cohort), `images_in_all`.

    `low`, `high`: subjects needed if the pilot's variance is as far off as it may be; None where it was assumed.
    `measured`: whether the pilot itself has as many images of its subjects.
    """

    images: int
    subjects: int
    images_in_all: int
    low: int | None
    high: int | None
    measured: bool


@dataclass(frozen=True)
class Answer:
    """What one question takes, for one model, or two that are compared.

    `case`: whom it was worked out for; of several cohorts, or pairs of them, the one that needs the most. `needs`: by
    images per subject, rising. `images`: those the study will have.
    """

    question: Question
    model: str
    case: PlanCase
    needs: tuple[Need, ...]
    images: int

    @property
    def planned(self) -> Need:
        """What the study needs with the images that it will have."""
        return next(need for need in self.needs if need.images == self.images)

    @property
    def doubled(self) -> Need | None:
        """What it needs with twice those, or None where the pilot does not reach so far."""
        return next((need for need in self.needs if need.images == 2 * self.images), None)


@dataclass(frozen=True)
class Plan:
    """The answers to a request.

    `assumption`: what was assumed, or "". `lost`: share of the pilot's images that could not be embedded.
    """

    request: Request
    answers: tuple[Answer, ...]
    assumption: str
    lost: float

    def frame(self) -> pl.DataFrame:
        """Return all needs as a table, one row for each question, model and number of images per subject."""
        rows = [
            {"question": str(answer.question), "model": answer.model, "people": answer.case.people, **vars(need)}
            for answer in self.answers
            for need in answer.needs
        ]
        return pl.DataFrame(rows, infer_schema_length=None)


def plan(
    pilot: Pilot,
    request: Request,
    *,
    rng: np.random.Generator,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Plan:
    """Work out how many subjects answer each question, for several numbers of images per subject.

    The pilot is measured with fewer images of each subject than it has, drawn with `rng`; how the variance falls
    gives its law (see `Law`). A gap is found by a test at a confidence level where gap / se is large enough for the
    power (see `errors_apart`); an FMR f is resolved where t se <= f / 2 and at least ten false matches are expected.
    `executor`: where the work runs, by default `workers` threads, all processors where None.

    Raises:
        InputError: the pilot cannot answer a question.
    """
    deepest = min(depths(people.subject)[-1] for people in pilot.people)
    images = deepest if request.images is None else request.images
    least = max(_fewest(question) for question in request.questions)
    if not least <= images <= BEYOND * deepest:
        raise InputError(
            "--images {images} cannot be planned for by a pilot with {deepest} images of each subject: give {least} "
            "to {beyond}, or a pilot with more",
            images=images,
            deepest=deepest,
            least=least,
            beyond=BEYOND * deepest,
        )
    if executor is None and workers is not None:
        executor = Threads(workers)
    found = readings(pilot, request.questions, rng, executor, progress)
    laws = {key: fit(shown) for key, shown in found.items()}
    answers = []
    for question in request.questions:
        for model, of_model in cases(pilot, question, laws):
            asked = [
                _answer(request, question, model, case, images, measured=not pilot.assumption) for case in of_model
            ]
            answers.append(max(asked, key=lambda answer: answer.planned.subjects))
    return Plan(request, tuple(answers), pilot.assumption, pilot.lost)


def _fewest(question: Question) -> int:
    """Return the images of each subject that a question takes at least."""
    return 1 if isinstance(question, Resolve) else 2


def _answer(request: Request, question: Question, model: str, case: PlanCase, images: int, *, measured: bool) -> Answer:
    """Return what a case takes for each number of images worth showing."""
    df, most = case.law.df, case.law.images * (BEYOND if case.law.sees_images else 1)
    unsure = [df / float(special.chdtri(df, p)) for p in ((1 - request.level) / 2, (1 + request.level) / 2)]
    needs = []
    for m in sorted({m for m in (*SHOWN, images, 2 * images) if _fewest(question) <= m <= most} | {images}):
        subjects = _least(request, question, case, m, measured=measured)
        bounds = [None, None]
        if measured:
            bounds = [_least(request, question, case.with_variance(by), m, measured=False) for by in unsure]
        in_all = case.sides * subjects * m
        needs.append(Need(m, subjects, in_all, bounds[0], bounds[1], measured and m <= case.law.images))
    return Answer(question, model, case, tuple(needs), images)


def readings(
    pilot: Pilot,
    questions: Sequence[Question],
    rng: np.random.Generator,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> dict[tuple[str, Probe], list[Reading]]:
    """Return what every sample of every cohort shows to each probe that the questions need."""
    drawn = [
        (people, sample)
        for people, own in zip(pilot.people, rng.spawn(len(pilot.people)), strict=True)
        for sample in samples(people.subject, own)
    ]
    asked = {people.cohort: list(probes_of(pilot, people, questions)) for people in pilot.people}
    found: dict[tuple[str, Probe], list[Reading]] = {(c, probe): [] for c, probes in asked.items() for probe in probes}
    for done, (people, sample) in enumerate(drawn, 1):
        probes = asked[people.cohort]
        fmrs = sorted({probe.fmr for probe in probes if probe.fmr is not None})
        rates = [
            by_subject(vectors[sample.rows], people.subject[sample.rows], comparator, fmrs, executor)
            for vectors, comparator in zip(people.vectors, pilot.comparators, strict=True)
        ]
        for probe in probes:
            if (reading := probe.look(rates, sample.images)) is not None:
                found[people.cohort, probe].append(replace(reading, wide=sample.wide))
        progress("planning", done, len(drawn))
    return found


def errors_apart(power: float, quantile: float, df: float) -> float:
    """Return how many standard errors a gap must measure, so that a test at `quantile` finds it with the power.

    The standard error comes from a pilot and has `df` degrees of freedom: a plan from a pilot that shows too small
    a variance loses more power than one from a pilot that shows too large a variance wins. The power is that of
    plans from many pilots, on the average: a quantile of the noncentral t distribution.

    Source: Julious & Owen, Sample size calculations for clinical studies allowing for uncertainty about the variance
    (Pharmaceutical Statistics 5, 2006).
    """
    if not np.isfinite(df):
        return quantile + float(special.ndtri(power))
    return float(special.nctdtrit(df, quantile, power))


def _least(request: Request, question: Question, case: PlanCase, images: int, *, measured: bool) -> int:
    """Return the fewest subjects that are enough; more are enough too. `measured`: the variance is from a pilot."""
    law = case.law
    measured_df = law.df if measured else np.inf

    def enough(subjects: int) -> bool:
        se, quantile = float(np.sqrt(law.variance(subjects, images))), law.quantile(request.level, subjects)
        if isinstance(question, Resolve):
            wide = quantile * se > WIDTH
        else:
            wide = errors_apart(request.power, quantile, measured_df) * se > question.size
        impostors = images**2 * subjects * (subjects - 1) / 2
        return not wide and (question.fmr is None or question.fmr * impostors >= RESOLVABLE)

    few, many = LEAST_SUBJECTS - 1, LEAST_SUBJECTS
    while not enough(many):
        few, many = many, 2 * many
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return many
