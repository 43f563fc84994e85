"""Fitting likelihood ratios on a report or on images, and judging them on others than they were fitted on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from facegap.data.evaluation import Evaluation, populations
from facegap.data.manifest import POOLED, Manifest
from facegap.data.source import Source
from facegap.data.tally import ScoreTally
from facegap.errors import InputError, Phrase
from facegap.jobs.calibrate.calibration import Calibration
from facegap.jobs.calibrate.cllr import Judged, judge
from facegap.jobs.calibrate.counted import CountedScores
from facegap.jobs.calibrate.maps import Method, fit
from facegap.jobs.study import Study
from facegap.jobs.use import Use
from facegap.run.executor import Executor, Threads, available_workers
from facegap.run.progress import Progress, mute, silent

if TYPE_CHECKING:
    from facegap.jobs.collected import Made

HALVES = ("one half", "other half")
"""Subjects are split at random, so that each half judges what was fitted on the other."""


@dataclass(frozen=True)
class Calibrated:
    """A calibration, and the scores it was fitted on."""

    calibration: Calibration
    scores: CountedScores


def calibrate(
    evaluation: Evaluation, *, model: str | None = None, cohort: str | None = None, method: Method = "logistic"
) -> Calibrated:
    """Map a model's scores to likelihood ratios by the error curve of one cohort of a report.

    A report holds counts, not scores: each is known to lie between two of a few hundred thresholds. The map is judged
    on the comparisons it was fitted on, which flatters, and on each other cohort. `model`, `cohort`: by default the
    only model, and all cohorts together.

    Raises:
        InputError: there is no such model or cohort, or too few comparisons.
    """
    models, cohorts = evaluation.models["model"].to_list(), evaluation.cohorts["cohort"].to_list()
    if model is None and len(models) > 1:
        raise InputError("there are several models ({models}): name one with --model", models=", ".join(models))
    model = _known(Phrase("model"), model or models[0], models)
    cohort = _known(Phrase("cohort"), cohort or cohorts[-1], cohorts)
    scores = {
        name: CountedScores.of_report(evaluation, model=model, cohort=name)
        for name in (cohort, *(name for name in cohorts if name not in (cohort, POOLED)))
    }
    ratios = fit(scores[cohort], method)
    judged = [
        judge(found, ratios, on=name, unseen=POOLED != cohort != name)
        for name, found in scores.items()
        if found.n_genuine and found.n_impostor
    ]
    use = Use.known(evaluation)[models.index(model)]
    kept = Calibration.holding(ratios, use, dataset=evaluation.name, cohort=cohort, method=method, judged=judged)
    return Calibrated(kept, scores[cohort])


def calibrate_images(
    study: Study,
    *,
    cohort: str | None = None,
    method: Method = "logistic",
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> Calibrated:
    """Map a model's scores to likelihood ratios by the comparisons of a study, or of one cohort of it.

    The map is fitted on all subjects. It is judged by two others of its kind, each fitted on a random half of the
    subjects and judged on the other half, so that no subject is on both sides.

    Only the fields of `study` that say what is read and embedded, and how, are looked at, and `seed`. `executor`: where
    the work runs.

    Raises:
        InputError: the inputs cannot be used, there is not one model, no such cohort, or too few comparisons.
        ModelError: the model cannot be used.
        StoreError: the store cannot be written.
    """
    from facegap.jobs.collect import collect  # with the scoring behind it: who uses a calibration needs neither

    if len(study.models) > 1:
        raise InputError("{n_models} models were named: a calibration is for one", n_models=len(study.models))

    def refuse(source: Source) -> None:
        if source.listed:
            raise InputError("a list of pairs has no halves to judge by: give the folder or table, or a report on it")
        cohorts = source.manifest.cohorts
        _known(Phrase("cohort"), cohort or cohorts[0], populations(cohorts))

    found = collect(study, refuse=refuse, executor=executor, progress=progress, say=say)
    one, cohort = found.made[0], cohort or populations(found.manifest.cohorts)[-1]
    tally = _by_halves(found.manifest, one, cohort, study, executor, progress)
    everyone = CountedScores.of_counts(tally.pooled())
    halves = [CountedScores.of_counts(tally.between(half, half)) for half in HALVES]
    ratios = fit(everyone, method)
    judged = [judge(everyone, ratios, on=cohort, unseen=False), _crossed(halves, method)]
    use, dataset = Use.of(one.spec, one.faces), found.manifest.name
    kept = Calibration.holding(ratios, use, dataset=dataset, cohort=cohort, method=method, judged=judged)
    return Calibrated(kept, everyone)


def _by_halves(
    manifest: Manifest, one: "Made", cohort: str, study: Study, executor: Executor | None, progress: Progress
) -> ScoreTally:
    """Return the comparisons of a cohort within and across two halves of its subjects."""
    from facegap.scoring import compare_all

    subject = manifest.subject_codes
    rows = one.embeddings.ok & (True if cohort == POOLED else (manifest.frame["cohort"] == cohort).to_numpy())
    members = np.unique(subject[rows])
    half = np.zeros(len(manifest), np.int32)
    half[np.isin(subject, np.random.default_rng(study.seed).permutation(members)[::2])] = 1
    return compare_all(
        one.embeddings.vectors,
        subject,
        half,
        rows,
        comparator=one.spec.comparator,
        cohorts=HALVES,
        executor=executor or Threads(study.workers or available_workers()),
        progress=progress,
    )


def _crossed(halves: Sequence[CountedScores], method: Method) -> Judged:
    """Return what a map costs that was fitted on one half and judged on the other, the mean of both ways."""
    try:
        maps = [fit(half, method) for half in halves]
    except InputError as error:
        raise InputError(
            "half of the subjects is too little to judge by ({error}): add subjects", error=error
        ) from None
    first, second = (judge(halves[1 - k], maps[k], on="other subjects", unseen=True) for k in range(2))
    means = {name: (getattr(first, name) + getattr(second, name)) / 2 for name in ("before", "after", "least")}
    counts = {name: getattr(first, name) + getattr(second, name) for name in ("n_genuine", "n_impostor")}
    return msgspec.structs.replace(first, **means, **counts)


def _known(kind: Phrase, name: str, names: Sequence[str]) -> str:
    if name not in names:
        raise InputError(
            "there is no {kind} {name!r}; there are: {names}", kind=kind, name=name, names=", ".join(names)
        )
    return name
