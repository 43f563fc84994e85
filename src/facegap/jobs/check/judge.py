"""Rules judged by the interval of what was measured, never by the point."""

from collections.abc import Sequence
from dataclasses import dataclass

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError, check_lists
from facegap.jobs.check.known import Known
from facegap.jobs.check.known_changes import KnownChanges
from facegap.jobs.check.measured import Because, MeasuredValue, Reason, Verdict
from facegap.jobs.check.rules import Contrast, Limit, ModelClaim, parse, point
from facegap.metrics.registry import metric

_COUNTED = {
    (True, True): Reason.COUNT_AT_MOST,
    (True, False): Reason.COUNT_NOT_AT_MOST,
    (False, True): Reason.COUNT_AT_LEAST,
    (False, False): Reason.COUNT_NOT_AT_LEAST,
}
_BOUNDED = {
    (True, True): Reason.AT_MOST,
    (True, False): Reason.ABOVE,
    (False, True): Reason.AT_LEAST,
    (False, False): Reason.BELOW,
}
"""Why a limit holds or fails, by whether it is an upper one and whether it holds."""
_CLAIMED = {
    "not_worse": (Reason.NOT_WORSE, Reason.NOT_WORSE_ON_EACH, Reason.WORSE_BY_MORE),
    "equivalent": (Reason.EQUIVALENT, Reason.EQUIVALENT_ON_EACH, Reason.APART),
    "better": (Reason.BETTER, Reason.BETTER_ON_EACH, Reason.NOT_BETTER),
}
"""Why a claim holds on one cohort and on several, and why it fails."""
_WORST_FIRST = (Verdict.FAILS, Verdict.UNDECIDED, Verdict.HOLDS)


@dataclass(frozen=True)
class Judgement:
    """What came of one rule.

    `measured`: the number that decided, for a claim new − old on the cohort `where`. `limit`: what its interval was
    held against, for a claim the margin on either side of 0. `because`: why, as a code and what its sentence names.
    """

    rule: str
    verdict: Verdict
    measured: MeasuredValue
    limit: float
    because: Because
    where: str = ""

    @property
    def reason(self) -> str:
        """Why, in plain words."""
        return str(self.because)

    def stops(self, *, allow_undecided: bool) -> bool:
        """Return whether a pipeline should stop here: a rule that cannot be told to hold does not hold."""
        return self.verdict is Verdict.FAILS or (self.verdict is Verdict.UNDECIDED and not allow_undecided)


def check(evaluation: Evaluation, rules: Sequence[str], *, against: Evaluation | None = None) -> list[Judgement]:
    """Judge each rule by the interval at the evaluation's level (two-sided, 95 % unless it was made otherwise).

    A limit holds where the whole interval keeps to it and fails where the whole interval is beyond it. `not_worse` is
    non-inferiority by confidence interval: the bound of new − old on the worse side against the margin, with the
    two-sided 95 % interval that regulators ask for (ICH E9, section 3.3.2; FDA, Non-Inferiority Clinical Trials,
    2016). `equivalent` asks it of both sides, which at 95 % is two one-sided tests of 2.5 % each (Schuirmann, J.
    Pharmacokinet. Biopharm. 15, 1987). `better` is superiority: the interval lies wholly on the better side of 0. A
    claim over several cohorts holds where it holds in each, which needs no correction for their number
    (intersection-union test; Berger, Technometrics 24, 1982). Rules are judged each by itself.

    `against`: an earlier evaluation; the old model of each claim is then one of it.

    Raises:
        InputError: there is no rule, one is not understood, or it names what the evaluation does not hold.
    """
    check_lists(rules=rules)
    if not rules:
        raise InputError("no rule was given: write at least one, e.g. --rule 'auc >= 0.97'")
    known = Known(evaluation)
    changes = None if against is None else KnownChanges(known, Known(against))
    return [_judge(known, rule, changes) for rule in rules]


def not_worse(
    new: Evaluation,
    old: Evaluation,
    metric: str,
    margin: float,
    *,
    model: str | None = None,
    old_model: str | None = None,
    cohorts: Sequence[str] = (),
) -> Judgement:
    """Return whether a model is not worse than in an earlier evaluation by more than a margin, in every cohort.

    `metric`: as rules write it, e.g. `auc` or `fnmr@fmr=1e-3`. `model`: the only one by default; `old_model`: of the
    earlier evaluation, by default the one of the same name. `cohorts`: all that both have by default.

    Raises:
        InputError: a name is unknown, or one of the evaluations was read without what its subjects do.
    """
    check_lists(cohorts=cohorts)
    known = KnownChanges(Known(new), Known(old))
    name, _, at = metric.partition("@")
    this = known.new.model(model, "as `model`")
    asked = ModelClaim("not_worse", this, old_model or this, name, point(at) if at else None, margin, tuple(cohorts))
    return _claim(known, f"not_worse({this}, {asked.old}, {metric}, {margin:g})", asked)


def _judge(known: Known, rule: str, changes: KnownChanges | None) -> Judgement:
    try:
        asked = parse(rule)
        return _limit(known, rule, asked) if isinstance(asked, Limit) else _claim(changes or known, rule, asked)
    except InputError as error:
        raise InputError("rule {rule!r}: {error}", rule=rule, error=error) from None


def _limit(known: Known, rule: str, asked: Limit) -> Judgement:
    quantity = asked.quantity
    found = known.contrast(quantity) if isinstance(quantity, Contrast) else known.quantity(quantity)
    verdict = found.against(asked.sign, asked.limit)
    at_most, holds = asked.sign == "<=", verdict is Verdict.HOLDS
    if found.value is None or (verdict is Verdict.UNDECIDED and (found.high if at_most else found.low) is None):
        return Judgement(rule, verdict, found, asked.limit, found.no_bound)
    if found.scale == "count":
        code = _COUNTED[at_most, holds]
    elif verdict is Verdict.UNDECIDED:
        kept = found.value <= asked.limit if at_most else found.value >= asked.limit
        code = Reason.KEEPS_UNSURE if kept else Reason.BEYOND_UNSURE
    else:
        code = _BOUNDED[at_most, holds]
    return Judgement(rule, verdict, found, asked.limit, Because(code, {"limit": f"{asked.limit:g}"}))


def _claim(known: Known | KnownChanges, rule: str, asked: ModelClaim) -> Judgement:
    if metric(asked.metric).higher_is_better is None:
        names = known.directed
        raise InputError(
            "no model is better by {metric!r}: write one of {names}", metric=asked.metric, names=", ".join(names)
        )
    place, new, old, cohorts = known.claimed(asked)
    judged = [
        (cohort, found := known.difference("models", place, (new, cohort), (old, cohort)), _of_claim(asked, found))
        for cohort in cohorts
    ]
    where, found, verdict = min(judged, key=lambda one: (_WORST_FIRST.index(one[2]), _room(asked, one[1])))
    names = (asked.new, known.old_name(asked.old))
    reason = _claim_reason(asked, names, where, found, verdict, len(cohorts))
    return Judgement(rule, verdict, found, asked.margin, reason, where)


def _gain(asked: ModelClaim, found: MeasuredValue) -> MeasuredValue:
    """Return new − old, or old − new where lower is better, so that more is better."""
    return found if metric(asked.metric).higher_is_better else found.turned()


def _of_claim(asked: ModelClaim, found: MeasuredValue) -> Verdict:
    gain = _gain(asked, found)
    if asked.kind == "better":
        # It says the opposite of "no better": an interval that ends at 0 shows no gain.
        opposite = {Verdict.HOLDS: Verdict.FAILS, Verdict.FAILS: Verdict.HOLDS}
        return opposite.get(gain.against("<=", 0.0), Verdict.UNDECIDED)
    sides = [gain.against(">=", -asked.margin)]
    if asked.kind == "equivalent":
        sides.append(gain.against("<=", asked.margin))
    return min(sides, key=_WORST_FIRST.index)


def _room(asked: ModelClaim, found: MeasuredValue) -> float:
    """Return how far the interval lies inside of what is claimed: the cohort with the least decides."""
    gain = _gain(asked, found)
    bounds = [gain.low]
    if asked.kind == "equivalent":
        bounds.append(gain.turned().low)
    return min(float("-inf") if bound is None else bound for bound in bounds)


def _claim_reason(
    asked: ModelClaim, names: tuple[str, str], where: str, found: MeasuredValue, verdict: Verdict, cohorts: int
) -> Because:
    if verdict is Verdict.UNDECIDED and (found.low is None or found.high is None):
        return found.no_bound
    one, each, fails = _CLAIMED[asked.kind]
    if verdict is Verdict.HOLDS:
        code = each if cohorts > 1 else one
    elif verdict is Verdict.FAILS:
        code = Reason.WORSE if asked.kind == "better" and _below_0(asked, found) else fails
    else:
        code = Reason.BETTER_UNSURE if asked.kind == "better" else Reason.CLAIM_UNSURE
    named = {"new": names[0], "old": names[1], "cohort": where, "cohorts": cohorts, "margin": f"{asked.margin:g}"}
    return Because(code, named)


def _below_0(asked: ModelClaim, found: MeasuredValue) -> bool:
    high = _gain(asked, found).high
    return high is not None and high < 0
