"""From an evaluation to its cards."""

from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.jobs.check import check
from facegap.jobs.check.limit_rules import held, own_rules, shipped_rules
from facegap.jobs.decision.card import AtThreshold, Card, HeldRate, Which
from facegap.jobs.decision.common import best_common, candidates
from facegap.jobs.decision.steps import Steps


def cards(evaluation: Evaluation) -> list[Card]:
    """Return a card for each model: every rate judged by its interval against the limits, as `check` judges rules.

    The shipped threshold and each cohort's own are judged by these very rules; the common one is judged alike, by the
    intervals of the bands. What to do next follows from the states alone.
    """
    return [_card(evaluation, model) for model in evaluation.models.iter_rows(named=True)]


def _card(evaluation: Evaluation, model: dict) -> Card:
    name, sign = model["model"], Comparator(model["comparator"]).sign
    tried = candidates(evaluation, name, sign, list(held(evaluation, name)))
    found = (
        _judged(evaluation, Which.SHIPPED, model["threshold"], shipped_rules(evaluation, name)),
        best_common(tried),
        _judged(evaluation, Which.OWN, None, own_rules(evaluation, name)),
    )
    at = tuple(one for one in found if one is not None)
    steps = tuple(Steps(evaluation, name, at, tried).next())
    return Card(name, at, steps, model["dimension"] is not None, sign)


def _judged(
    evaluation: Evaluation, which: Which, threshold: float | None, rules: dict[tuple[str, str], str]
) -> AtThreshold | None:
    if not rules:
        return None
    judgements = zip(rules, check(evaluation, list(rules.values())), strict=True)
    rates = tuple(HeldRate(*place, one.measured, one.verdict, one.limit) for place, one in judgements)
    return AtThreshold(which, threshold, rates)
