"""Whether a new model is better than an old one for the people it was made for, and at which price for others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError, check_lists
from facegap.jobs.check import Judgement, Verdict, check
from facegap.jobs.collected import Collected
from facegap.jobs.enough import genuine_subjects, shortage
from facegap.jobs.evaluating import evaluate_collected
from facegap.jobs.split import Role, Split, strangers
from facegap.jobs.study import Study
from facegap.jobs.subset import only, together
from facegap.jobs.suggestion import Suggestion, far_above, suggest
from facegap.metrics import HIGH_AUC
from facegap.report.text import proofs
from facegap.report.text.language import in_current, in_each_language, paragraph
from facegap.report.text.phrases import sentence
from facegap.report.text.shown_differences import in_order, level_of, significant, turned
from facegap.run.executor import Executor
from facegap.run.progress import Progress, silent

AREA, RATE = ("auc", ""), ("fnmr", "fmr=0.01")
"""By what a model is judged, metric and operating point: AUC, or FNMR where both AUCs are too near 1 to compare."""

STRICT = ("fmr=0.01", "fmr=0.001")
"""False match rates that access systems work at: a model may gain AUC and still lose there."""

GENERAL = "other input"
"""What an anonymous study calls inputs of other people that have no name."""

MARGIN = 0.01
"""How much AUC (or FNMR) the general cohort may lose, unless the user says otherwise."""


class Result(StrEnum):
    """What a proof came to."""

    GAIN = "gain"
    NO_GAIN = "no gain"
    TOO_DEAR = "too dear"


class Side(StrEnum):
    """Where the whole interval of new − old lies: `OPEN` is on both sides of 0."""

    BETTER = "better"
    WORSE = "worse"
    OPEN = "open"


@dataclass(frozen=True)
class Unseen:
    """What a model may be judged on: images of subjects of whom it learnt nothing.

    `found`: the images with each model's embeddings. `target`, `general`: the cohorts that the model was made for, and
    the others. `note`: in one line, whom it was trained on and whom it is judged on.
    """

    found: Collected
    target: tuple[str, ...]
    general: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Proof:
    """How a new model did against an old one on subjects that it never saw.

    `evaluation`: of both models, with the verdict in its notice. `gain`: whether the new one is better in each target
    cohort. `price`: whether it is not worse in each general cohort by more than a margin, or None where there is none.
    `metric`: by which they are compared, and its operating point. `judged_on`: how many subjects of each cohort have
    genuine comparisons. `suggested`: the threshold that comes with the new model, if there is one.
    """

    evaluation: Evaluation
    old: str
    new: str
    target: tuple[str, ...]
    general: tuple[str, ...]
    gain: Judgement
    price: Judgement | None
    metric: tuple[str, str]
    judged_on: Mapping[str, int]
    suggested: Suggestion | None

    @property
    def shortage(self) -> str:
        """Return which cohorts have too few subjects for any claim (see `facegap.jobs.enough`), or ""."""
        return shortage(self.judged_on)

    @property
    def result(self) -> Result:
        """What it came to: a gain is claimed where all that was asked is shown, never where the data cannot tell."""
        if self.shortage or self.gain.verdict is not Verdict.HOLDS:
            return Result.NO_GAIN
        return Result.GAIN if self.price is None or self.price.verdict is Verdict.HOLDS else Result.TOO_DEAR

    @property
    def sentences(self) -> list[str]:
        """Return what was found in each cohort, what speaks against the new model, and last the verdict."""
        found = [self._found_in(cohort) for cohort in (*self.target, *self.general)]
        return [*found, *self.losses, *self.misfits, self._verdict()]

    @property
    def losses(self) -> list[str]:
        """Return where a gain recognises fewer people at a fixed FMR than the old model: AUC does not see that."""
        if self.result is not Result.GAIN:
            return []
        level = level_of(self.evaluation)
        return [
            proofs.loss_text(sentence(row, level))
            for cohort in (*self.target, *self.general)
            for row in self._compared(cohort, "fnmr")
            if row["at"] in STRICT and significant(row, level) and in_order(row)["model_a"] == self.old
        ]

    @property
    def misfits(self) -> list[str]:
        """Return for which cohorts the suggested threshold is far too loose: one that others decided need not fit."""
        if self.suggested is None:
            return []
        return [
            proofs.misfit_text(self.suggested.threshold, self.suggested.fmr, cohort, fmr)
            for cohort, fmr in far_above(self.evaluation, self.new, self.suggested).items()
        ]

    def _compared(self, cohort: str, metric: str) -> list[dict]:
        images = "common" if "common" in self.evaluation.differences["images"] else "own"
        found = self.evaluation.differences.filter(kind="models", metric=metric, cohort_a=cohort, images=images)
        return found.to_dicts()

    def _judged(self, cohort: str) -> list[dict]:
        return [row for row in self._compared(cohort, self.metric[0]) if row["at"] == self.metric[1]]

    def _found_in(self, cohort: str) -> str:
        rows = self._judged(cohort)
        if not rows:
            return proofs.not_comparable(cohort, self.gain.reason)
        row = turned(rows[0]) if rows[0]["model_a"] == self.old else rows[0]
        subjects = self.evaluation.cohorts.filter(cohort=cohort)["subjects"].item()
        return proofs.found_text(row, self.metric, self._side(row), subjects=subjects)

    def _side(self, row: dict) -> Side:
        """Return where the interval of a row of `differences` puts the new model."""
        low, high = row["low"], row["high"]
        if (low is None or low <= 0) and (high is None or high >= 0):
            return Side.OPEN
        return Side.BETTER if in_order(row)["model_a"] == self.new else Side.WORSE

    def _verdict(self) -> str:
        if self.result is Result.NO_GAIN:
            said = proofs.no_gain(self.old, self.shortage or self.gain.reason)
            return said if self.price else paragraph([said, proofs.unmeasured()])  # training writes its model anyway
        worse = [c for c in self.general if any(self._side(row) is Side.WORSE for row in self._judged(c))]
        if self.price is None:
            return paragraph([proofs.gain_text(self.new, self.target, (), (), 0.0, self.metric), proofs.unmeasured()])
        if self.result is Result.GAIN:
            return proofs.gain_text(self.new, self.target, self.general, worse, self.price.limit, self.metric)
        return proofs.too_dear(self.new, self.old, self.target, self.general, worse, self.price.reason)


def check_general(general: Sequence[str | Path] | None) -> None:
    """Refuse to begin without other people, unless the user goes on knowingly: None stands for that.

    Raises:
        InputError: none are given.
    """
    check_lists(general=general)
    if general is not None and not general:
        raise InputError(
            "no other people are given, so nothing would show what the new model costs them: name some with --general "
            "[NAME=]PATH, or give --no-general to go on without"
        )


def unseen(target: Collected, split: Split, general: Collected | None) -> Unseen:
    """Return what a model that was trained on `split` of `target` may be judged on.

    Of `general`, subjects are left out whom the model learnt from, by name or by a file's bytes.

    Raises:
        InputError: nobody is left of `general`, or both have a cohort of the same name.
    """
    held_out = only(target, split.rows(Role.HELD_OUT))
    cohorts = held_out.manifest.cohorts
    if general is None:
        return Unseen(held_out, cohorts, (), split.note)
    learnt = split.rows(Role.TRAIN, Role.VALIDATION)
    known = {subject for subject, seen in zip(target.manifest.subjects, learnt, strict=True) if seen}
    images = {image for image, seen in zip(target.pictures, learnt, strict=True) if seen}
    manifest = general.manifest
    others = strangers(manifest, general.pictures, subjects=known, images=images)
    dropped = manifest.frame["subject"].n_unique() - len(
        {s for s, keep in zip(manifest.subjects, others, strict=True) if keep}
    )
    if not others.any():
        raise InputError(
            "every subject of {dataset} is among those that are trained on, by name or by picture: give others",
            dataset=manifest.name,
        )
    rest = only(general, others)
    note = proofs.judged_text(split.note, manifest.name, len(set(rest.manifest.subjects)), dropped)
    return Unseen(together(held_out, rest), cohorts, rest.manifest.cohorts, note)


def prove(
    judged: Unseen,
    study: Study,
    *,
    old: str,
    new: str,
    margin: float = MARGIN,
    suggestion: Callable[[Evaluation, str], Suggestion | None] = suggest,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Proof:
    """Compare the model `new` with `old` on subjects that `new` never saw: better for its people, no worse for others?

    Both claims are by the paired interval of new − old (see `facegap.check`): better in each target cohort, which
    means that the whole interval is on the better side of 0, and not worse than by `margin` in each general cohort.
    They are about AUC; where in one of the cohorts both AUCs are too near 1 to be told apart, about FNMR at FMR 0.01.
    Nothing is claimed where a cohort has too few subjects with genuine comparisons; see `facegap.jobs.enough`.

    Args:
        judged: the images, with the embeddings of both models.
        study: how they are measured; its inputs and models are not looked at.
        old, new: names of the models.
        margin: non-inferiority margin in AUC, or in FNMR.
        suggestion: gives the threshold that comes with the new model, from the evaluation and the model's name.
        executor: where they are compared.
        progress: told of the steps.

    Raises:
        InputError: the margin is negative, or the study's question cannot be used.
    """
    evaluation = evaluate_collected(judged.found, study, executor=executor, progress=progress)
    metric = _metric(evaluation, (*judged.target, *judged.general))
    gain, *price = check(evaluation, _rules(judged, metric, old, new, margin))
    found = judged.found
    usable = np.logical_and.reduce([made.embeddings.ok for made in found.made])
    proof = Proof(
        evaluation=evaluation,
        old=old,
        new=new,
        target=judged.target,
        general=judged.general,
        gain=gain,
        price=price[0] if price else None,
        metric=metric,
        judged_on=genuine_subjects(found.manifest, found.hashes, usable),
        suggested=suggestion(evaluation, new),
    )

    def said() -> str:
        notice = in_current(study.notice)
        sentences = (notice, proofs.unseen_only(new), *proof.misfits, proof.sentences[-1], *proof.losses)
        return paragraph([one for one in sentences if one])

    return replace(proof, evaluation=replace(evaluation, notice=said(), notices=in_each_language(said)))


def _metric(evaluation: Evaluation, cohorts: Sequence[str]) -> tuple[str, str]:
    """Return by what two models are compared: AUC, unless it is above `HIGH_AUC` with both in one of the cohorts."""
    models = evaluation.models["model"].to_list()
    for cohort in cohorts:
        areas = [evaluation.value("auc", model=model, cohort=cohort) for model in models]
        if all(area is not None and area > HIGH_AUC for area in areas):
            return RATE
    return AREA


def _rules(judged: Unseen, metric: tuple[str, str], old: str, new: str, margin: float) -> list[str]:
    models = f"{_quoted(new)}, {_quoted(old)}, {'@'.join(filter(None, metric))}"
    rules = [f"better({models})[{_places(judged.target)}]"]
    if judged.general:
        rules.append(f"not_worse({models}, {margin:g})[{_places(judged.general)}]")
    return rules


def _places(cohorts: Sequence[str]) -> str:
    return ", ".join(map(_quoted, cohorts))


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
