"""How many subjects and images a study needs to answer a question."""

from facegap.jobs.plan.assumed import assume
from facegap.jobs.plan.growth import MOST_GROWTH, fewest_subjects, growth
from facegap.jobs.plan.pilot import Pilot, read_pilot
from facegap.jobs.plan.planning import Answer, Need, Plan, plan
from facegap.jobs.plan.questions import Between, Gap, Question, Request, Resolve, parse_gap, parse_resolve

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
    "assume",
    "fewest_subjects",
    "growth",
    "parse_gap",
    "parse_resolve",
    "plan",
    "read_pilot",
]
