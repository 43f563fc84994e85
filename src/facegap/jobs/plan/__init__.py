"""How many subjects and images a study needs to answer a question."""

from facegap.jobs.plan.assumed import assume
from facegap.jobs.plan.growth import MOST_GROWTH, fewest_subjects, growth
from facegap.jobs.plan.pilot import Pilot, read_pilot
from facegap.jobs.plan.planning import Answer, Need, Plan, plan
from facegap.jobs.plan.questions import Between, Gap, Question, Request, Resolve, parse_gap, parse_resolve
from facegap.jobs.plan.standardised import Standardised, standardised, standardised_frame

__all__ = [
    "MOST_GROWTH",
    "Answer",
    "Between",
    "Gap",
    "Need",
    "Pilot",
    "Plan",
    "Question",
    "Request",
    "Resolve",
    "Standardised",
    "assume",
    "fewest_subjects",
    "growth",
    "parse_gap",
    "parse_resolve",
    "plan",
    "read_pilot",
    "standardised",
    "standardised_frame",
]
