"""Judging a new model against an old one on subjects that it never saw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError, check_lists
from facegap.jobs.check import check
from facegap.jobs.collected import Collected
from facegap.jobs.enough import genuine_subjects
from facegap.jobs.evaluating import evaluate_collected
from facegap.jobs.proof import Proof
from facegap.jobs.split import Role, Split, strangers
from facegap.jobs.study import Study
from facegap.jobs.subset import only, together
from facegap.jobs.suggestion import Suggestion, suggest
from facegap.metrics import HIGH_AUC
from facegap.report.text import proofs
from facegap.report.text.language import in_current, in_each_language, paragraph
from facegap.run.executor import Executor
from facegap.run.progress import Progress, silent

AREA, RATE = ("auc", ""), ("fnmr", "fmr=0.01")
"""By what a model is judged, metric and operating point: AUC, or FNMR where both AUCs are too near 1 to compare."""

GENERAL = "other input"
"""What an anonymous study calls inputs of other people that have no name."""

MARGIN = 0.01
"""How much AUC (or FNMR) the general cohort may lose, unless the user says otherwise."""


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
