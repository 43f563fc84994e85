"""Does a study that `facegap plan` asks for find the gap as often as it promises?"""

from dataclasses import dataclass

import numpy as np

from facegap.jobs.plan import Gap, Pilot, Request
from facegap.jobs.plan import plan as make_plan
from facegap.jobs.plan.pilot import People
from studies import ours
from studies.populations import CONTRASTS, MODELS, NULL, Population, draw
from studies.reading import Quantity
from studies.truth import Truth

POWER = 0.8
PILOTS = 100
"""Pilots that are drawn; each gives a plan."""

ASKED = {between: Quantity(between, "auc", "", "difference") for between in ("models", "cohorts")}


@dataclass(frozen=True)
class Planned:
    """What one pilot asks for: `subjects` in each cohort (or in all, of two models)."""

    between: str
    subjects: int


def gap(between: str, known: Truth) -> Gap:
    """Return the gap in AUC that there is: the plan is told its size, and not which populations have it."""
    return Gap("auc", abs(ASKED[between].true_value(known)), between)  # type: ignore[arg-type]


def pilot_plan(population: Population, between: str, known: Truth, rng: np.random.Generator) -> Planned:
    """Draw a pilot and return the subjects that a study needs.

    Of two models the pilot has people of all kinds that the study will have. Of two cohorts it has people as in cohort
    x alone, for those of the other are not photographed yet.
    """
    drawn = draw(population, CONTRASTS["difference"] if between == "models" else NULL, rng)
    vectors = tuple(drawn.vectors) if between == "models" else (drawn.vectors[0],)
    people = People("pilot", drawn.subject, vectors)
    pilot = Pilot(MODELS[: len(vectors)], drawn.comparators[: len(vectors)], (people,))
    request = Request((gap(between, known),), images=population.images[0], power=POWER)
    answer = make_plan(pilot, request, rng=rng, workers=1).answers[0]
    return Planned(between, answer.planned.subjects)


def finds(population: Population, planned: Planned, known: Truth, rng: np.random.Generator) -> bool:
    """Draw a study of the planned size, in which the gap is there, and return whether it is found."""
    n = planned.subjects
    sizes = (n, n) if planned.between == "cohorts" else (n // 2, n - n // 2)
    drawn = draw(population.resized(sizes), CONTRASTS["difference"], rng)
    made, _ = ours.scored(drawn, known.shipped)
    found = ours.readings(made, levels=(), kinds=frozenset({planned.between}))
    return found[ours.METHOD, ASKED[planned.between]].rejects(0.0)
