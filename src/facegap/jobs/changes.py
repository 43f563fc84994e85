"""What moved from one report to another."""

from collections.abc import Iterator, Sequence
from itertools import product

import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError, Phrase
from facegap.metrics.bounds import Intervals
from facegap.metrics.changes import CHANGES, Side, Sides, change_rows
from facegap.metrics.kept_estimates import CODES, estimates_in
from facegap.metrics.registry import Metric, metric, parse_metrics


def changes(new: Evaluation, old: Evaluation, *, models: Sequence[tuple[str, str]] | None = None) -> pl.DataFrame:
    """Return a row for each number that both evaluations hold: the new one minus the old one, with its test.

    The columns are those of `Evaluation.differences`, `model_a` and `cohort_a` of the new evaluation, and `pairing`:
    `images` where the same images took part (a paired test), `subjects` where some subjects are the same, else `none`.
    `models`: pairs of a new and an old model, by default those of one name, or the only model of each. All numbers are
    over the images that each model could use itself, intervals at the level of the new evaluation.

    Raises:
        InputError: the evaluations have no model or cohort in common, count failures differently, or were read without
            what their subjects do.
    """
    _check(new, old)
    pairs = models or _models(new, old)
    known = old.cohorts["cohort"].to_list()
    cohorts = [name for name in new.cohorts["cohort"] if name in known]
    if not cohorts:
        raise InputError(
            "the reports share no cohort: {new}; {old}", new=", ".join(new.cohorts["cohort"]), old=", ".join(known)
        )
    asked = _shared_metrics(new, old)
    sides = _sides(*_tables(new, old, asked), pairs, cohorts, asked)
    rows = change_rows(*sides, pairs, cohorts, Intervals(float(new.provenance.get("level", "0.95"))))
    return pl.DataFrame(rows, schema=CHANGES)


def only_in(new: Evaluation, old: Evaluation) -> Iterator[tuple[str, str, str]]:
    """Yield what cannot be compared: `new` or `old`, `model` or `cohort`, and the name that only this report has."""
    for what in ("model", "cohort"):
        names = [getattr(one, f"{what}s")[what].to_list() for one in (new, old)]
        if what == "model" and all(len(of_one) == 1 for of_one in names):
            continue
        for side, own, other in (("new", *names), ("old", *names[::-1])):
            yield from ((side, what, name) for name in own if name not in other)


def _check(new: Evaluation, old: Evaluation) -> None:
    for which, one in ((Phrase("new"), new), (Phrase("old"), old)):
        if one.estimates is None:
            raise InputError(
                "the {which} report ({name}) does not hold what its subjects do: make it with this facegap and "
                "intervals, and give its folder",
                which=which,
                name=one.name,
            )
    counted = [one.provenance.get("failures", "excluded") for one in (new, old)]
    weighed = [one.provenance.get("weigh", "comparisons") for one in (new, old)]
    if weighed[0] != weighed[1]:
        raise InputError(
            "the new report was made with --weigh {new} and the old one with --weigh {old}: make both with the same "
            "--weigh",
            new=weighed[0],
            old=weighed[1],
        )
    if counted[0] != counted[1]:
        raise InputError(
            "failures are {new} in the new report and {old} in the old one: make both with the same --failures",
            new=counted[0],
            old=counted[1],
        )


def _models(new: Evaluation, old: Evaluation) -> list[tuple[str, str]]:
    """Return the models of one name, or the only model of each."""
    of_new, of_old = (one.models["model"].to_list() for one in (new, old))
    same = [(name, name) for name in of_new if name in of_old]
    if not same and len(of_new) == len(of_old) == 1:
        same = [(of_new[0], of_old[0])]
    if not same:
        raise InputError("the reports share no model: {new}; {old}", new=", ".join(of_new), old=", ".join(of_old))
    return same


def _shared_metrics(new: Evaluation, old: Evaluation) -> tuple[Metric, ...]:
    """Return the metrics that both were asked for, with the same parameters."""
    of_old = old.provenance.get("metrics", "").split()
    return parse_metrics([text for text in new.provenance.get("metrics", "").split() if text in of_old])


def _tables(new: Evaluation, old: Evaluation, asked: Sequence[Metric]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the kept estimates of both, over each model's own images, without numbers that only one was asked for."""
    shared = {one.name for one in asked}
    tables = []
    for one in (new, old):
        assert one.estimates is not None, "_check has seen it"
        names = [name for name in one.estimates["metric"].unique() if metric(name).standing or name in shared]
        tables.append(one.estimates.filter(pl.col("metric").is_in(names), images="own"))
    return tables[0], tables[1]


def _sides(
    new: pl.DataFrame,
    old: pl.DataFrame,
    pairs: Sequence[tuple[str, str]],
    cohorts: Sequence[str],
    asked: Sequence[Metric],
) -> tuple[Sides, Sides]:
    """Return both sides of each pair of models on each cohort, with one code for each subject.

    Subjects of anonymous reports on other images have codes that say nothing of who they are: they are strangers.
    """
    names = sorted({*new["subject"].explode().drop_nulls(), *old["subject"].explode().drop_nulls()})
    codes = {name: code for code, name in enumerate(names)}
    strangers = {name: code + len(names) for name, code in codes.items()}
    found: tuple[Sides, Sides] = {}, {}
    for (new_model, old_model), cohort in product(pairs, cohorts):
        first, second = new.filter(model=new_model, cohort=cohort), old.filter(model=old_model, cohort=cohort)
        if first.is_empty() or second.is_empty():
            continue
        used = [first["used"][0], second["used"][0]]
        coded = used[0] != used[1] and any(one.startswith(CODES) for one in used)
        found[0][new_model, cohort] = Side(estimates_in(first, codes, asked), used[0])
        found[1][old_model, cohort] = Side(estimates_in(second, strangers if coded else codes, asked), used[1])
    return found
