"""What a rule comes to, on an evaluation that was made for it."""

from facegap.data.evaluation import Evaluation
from facegap.jobs.check import Judgement, Verdict, check
from jobs.check.made import COHORTS, metric

HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED

RANK = {FAILS: 0, UNDECIDED: 1, HOLDS: 2}


def judged(made: Evaluation, rule: str) -> Judgement:
    (one,) = check(made, [rule])
    return one


def verdict(made: Evaluation, rule: str) -> Verdict:
    return judged(made, rule).verdict


BOTH = {"models": ("new", "old")}

ENDS = [metric("auc", 0.9, model=model, cohort=cohort) for model in ("new", "old") for cohort in COHORTS]
