"""The main job: read, embed, compare, measure."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from facegap.data.cohort_names import written
from facegap.data.evaluation import Evaluation
from facegap.data.explanation import Explanation
from facegap.data.finding import Finding, FindingCode
from facegap.data.source import Images, Source
from facegap.jobs.answerable import refuse, refuse_input, thresholds_on
from facegap.jobs.black_box import ASKED
from facegap.jobs.collect import collect
from facegap.jobs.collected import Collected, Made
from facegap.jobs.comparing import Where, common_comparisons, own_comparisons
from facegap.jobs.counting import count
from facegap.jobs.embed_study import room_of, with_columns
from facegap.jobs.provenance import provenance
from facegap.jobs.study import Study
from facegap.jobs.templates import pooled
from facegap.jobs.weighing import with_weighing
from facegap.metrics import Scored, measure
from facegap.metrics.explaining import Measured, explain
from facegap.report.text.language import in_current
from facegap.run.executor import Executor
from facegap.run.progress import Progress, mute, silent
from facegap.run.room import Room
from facegap.scoring import Keeper, check_device
from facegap.store import SUMS, make_folder, store_root


def evaluate(
    study: Study,
    *,
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> Evaluation:
    """Run a study from its inputs to its numbers.

    `executor`: where the work runs, by default `study.workers` workers of this machine; it changes no number.
    `progress` and `say` are told what is going on, in steps and in lines.

    Raises:
        InputError: the inputs or the question cannot be used.
        ModelError: a model cannot be used.
        StoreError: the store cannot be written.
    """
    started = time.monotonic()
    check_device(study.device, study.precision)
    room = room_of(study)
    refuse = partial(refuse_input, study)
    found = collect(study, refuse=refuse, executor=executor, progress=progress, say=say, room=room)
    found = pooled(found, study.template_mean, say)
    evaluation = evaluate_collected(found, study, executor=executor, progress=progress, room=room)
    return evaluation.timed(time.monotonic() - started)


def evaluate_collected(
    found: Collected,
    study: Study,
    *,
    executor: Executor | None = None,
    progress: Progress = silent,
    room: Room | None = None,
) -> Evaluation:
    """Run a study on images that are read and embedded already, by the models that made the embeddings.

    `room`: in which these embeddings lie, if they share it with what is made of them.

    Raises:
        InputError: the question cannot be used.
    """
    refuse(study, found.source)
    chosen = [replace(one, cohort=written(one.cohort, thresholds_on(found.source))) for one in study.threshold_from]
    study = replace(study, threshold_from=chosen)
    source, made = found.source, found.made
    _, sheets = np.random.default_rng(study.seed).spawn(2)
    room = room_of(study) if room is None else room
    keeper = Keeper(partial(make_folder, store_root(study.store), SUMS), room)
    where = Where(
        executor, study.workers, study.device, study.precision, study.intervals != "none", progress, keeper,
        by_subject=study.weigh == "subjects", rejected=study.failures == "rejected",
    )  # fmt: skip
    scored = [
        count(
            one,
            threshold_from=study.threshold_from,
            metrics=study.metrics,
            fmrs=study.measured_fmrs,
            failures=study.failures,
            intervals=study.intervals != "none",
        )
        for compared in (own_comparisons, common_comparisons)
        for one in compared(source, made, where)
    ]
    evaluation = measure(
        scored,
        with_weighing(source.manifest, study).with_findings(*_missing_scores(source, made, scored)),
        failures=study.failures,
        genuine_share=study.genuine_share,
        threshold_from=study.threshold_from,
        metrics=study.metrics,
        fmrs=study.measured_fmrs,
        intervals=study.intervals,
        level=study.level,
        provenance=provenance(study, source, found.hashes),
        notice=in_current(study.notice),
        limits=study.limits,
        photos=source.photos,
        rng=sheets,
    )
    if not isinstance(study.notice, str):
        evaluation = replace(evaluation, notices=dict(study.notice))
    if study.explain:
        evaluation = replace(evaluation, explanation=_explained(found, scored, study, progress))
    keeper.remove()
    return evaluation


def _explained(found: Collected, scored: Sequence[Scored], study: Study, progress: Progress) -> Explanation:
    """Return why cohorts differ, for each model that made embeddings."""
    manifest, source = found.manifest, found.source
    measured = found.measured or with_columns(Measured((), np.empty((len(manifest), 0))), manifest, study.cohort_by)
    own = [one for one, made in zip(scored, found.made, strict=False) if made.scores is None]
    return explain(
        own, manifest, measured,
        pairs=source.pairs if isinstance(source, Images) else None,
        threshold_from=study.threshold_from, level=study.level, rng=np.random.default_rng(study.seed),
        tell=partial(progress, "explaining"),
    )  # fmt: skip


def _missing_scores(source: Source, made: Sequence[Made], scored: Sequence[Scored]) -> Iterator[Finding]:
    """Yield for each model whose scores were given beside images how many comparisons of these have none."""
    for one, found in zip(made, scored, strict=False):  # the comparisons of each model's own images come first
        failed = int(found.tally.failed.sum())
        given = one.scores is not None and one.scores is not source and one.spec.runtime != ASKED
        if given and failed:
            every = failed + int(found.tally.genuine.sum() + found.tally.impostor.sum())
            code = FindingCode.MODEL_WITHOUT_SCORE
            yield Finding.of(code, model=one.spec.name, failed=failed, comparisons=every)
