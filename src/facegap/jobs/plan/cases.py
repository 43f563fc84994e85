"""Whom a question is about: the cohorts, pairs of cohorts or pairs of models of a pilot, each with its law."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from facegap.errors import InputError
from facegap.jobs.plan.law import Law
from facegap.jobs.plan.pilot import People, Pilot
from facegap.jobs.plan.probes import FmrProbe, MetricProbe, PairedProbe, Probe, worsening
from facegap.jobs.plan.questions import Gap, Question, Resolve
from facegap.jobs.plan.sample import most_impostors
from facegap.report.text.language import listed

PLENTY = 100
"""False matches from which on the variance of an FMR between subjects can be seen."""

HIGHEST = 0.1
"""The highest FMR that a lower one is judged by."""

Laws = Mapping[tuple[str, Probe], Law | None]


@dataclass(frozen=True)
class PlanCase:
    """Some people and how the variance of what is asked depends on their number.

    `people`: in words. `sides`: cohorts that a study has, each of so many subjects. `anchor`: the lowest FMR that the
    pilot shows well, where a lower one was asked for. `paired`: two models on the same subjects are compared.
    """

    people: str
    law: Law
    sides: int = 1
    anchor: float | None = None
    paired: bool = False

    def with_variance(self, factor: float) -> "PlanCase":
        """Return the case with the variance multiplied."""
        return replace(self, law=self.law.times(factor, factor))


def probes_of(pilot: Pilot, people: People, questions: Sequence[Question]) -> Iterator[Probe]:
    """Yield what must be looked at in one cohort to answer the questions, each once."""
    found: dict[Probe, None] = {}
    models = range(len(pilot.models))
    for question in questions:
        if isinstance(question, Resolve):
            found |= dict.fromkeys(FmrProbe(i, fmr) for i in models for fmr in _anchors(question, people))
        elif question.between == "models" and len(models) > 1:
            found |= dict.fromkeys(PairedProbe(pair, question) for pair in combinations(models, 2))
        else:
            found |= dict.fromkeys(MetricProbe(i, question) for i in models)
    yield from found


def cases(pilot: Pilot, question: Question, laws: Laws) -> Iterator[tuple[str, list[PlanCase]]]:
    """Yield each model, or pair of models, with every case that the question is about.

    Raises:
        InputError: the pilot is too small for the question, or shows no errors at all.
    """
    if isinstance(question, Gap) and question.between == "models" and len(pilot.models) > 1:
        for i, j in combinations(range(len(pilot.models)), 2):
            probe = PairedProbe((i, j), question)
            found = [(people.cohort, _law(laws, people, probe, question)) for people in pilot.people]
            yield (
                listed([pilot.models[i], pilot.models[j]]),
                [PlanCase(cohort, law, paired=True) for cohort, law in found],
            )
        return
    for i, model in enumerate(pilot.models):
        if isinstance(question, Resolve):
            yield model, [_resolving(laws, people, i, question) for people in pilot.people]
        else:
            yield model, list(_apart(laws, pilot, i, question))


def _apart(laws: Laws, pilot: Pilot, model: int, gap: Gap) -> Iterator[PlanCase]:
    """Yield the cases of two sides that share nothing: pairs of cohorts, else each cohort beside another like it."""
    own = [(people.cohort, _law(laws, people, MetricProbe(model, gap), gap)) for people in pilot.people]
    if gap.between == "cohorts" and len(own) > 1:
        found, sides = [(listed([a, b]), one, other) for (a, one), (b, other) in combinations(own, 2)], 2
    else:
        found, sides = [(name, law, law) for name, law in own], 2 if gap.between == "cohorts" else 1
    for people, *laws_of_both in found:
        better, worse = sorted(laws_of_both, key=lambda law: law.value, reverse=gap.lower_is_worse)
        factor = worsening(gap, better.value, worse.value)
        yield PlanCase(people, better + worse.times(factor, factor), sides)


def _resolving(laws: Laws, people: People, model: int, question: Resolve) -> PlanCase:
    """Return the law of an FMR; of one that the pilot does not show, as the higher ones let expect.

    The variance between subjects, as a share of FMR^2, grows by a power of 1 / FMR, between 0 and 1 (the joint tail of
    two scores that share a subject); that over pairs like 1 / FMR at most.
    """
    near, *far = (_law(laws, people, FmrProbe(model, fmr), question) for fmr in _anchors(question, people))
    if not far:
        return PlanCase(people.cohort, near)
    anchor, higher = _anchors(question, people)
    shown = [law.of_subject(near.images) for law in (near, far[0])]
    power = np.log(shown[0] / shown[1]) / np.log(higher / anchor) if min(shown) > 0 else 0.0
    fewer = anchor / question.fmr
    return PlanCase(people.cohort, near.times(float(fewer ** np.clip(power, 0, 1)), fewer), anchor=anchor)


def _anchors(question: Resolve, people: People) -> tuple[float, ...]:
    """Return the false match rates that are looked at: the one asked for, or the lowest one shown and a higher one."""
    impostors = most_impostors(people.subject)
    lowest = PLENTY / impostors
    if lowest > HIGHEST:
        raise InputError(
            "{cohort} has {impostors} impostor comparisons, too few to plan for an FMR: expected {least:.0f} or more",
            cohort=people.cohort,
            impostors=impostors,
            least=PLENTY / HIGHEST,
        )
    return (question.fmr,) if question.fmr >= lowest else (lowest, min(10 * lowest, 3 * HIGHEST))


def _law(laws: Laws, people: People, probe: Probe, question: Question) -> Law:
    law = laws.get((people.cohort, probe))
    if law is None:
        raise InputError(
            "{cohort} has too few comparisons to plan for a {question}: ask at a higher FMR",
            cohort=people.cohort,
            question=question.said,
        )
    if law.variance(law.subjects, law.images) <= 0:
        raise InputError(
            "{cohort} shows no spread to plan for a {question}: give more or harder images",
            cohort=people.cohort,
            question=question.said,
        )
    return law
