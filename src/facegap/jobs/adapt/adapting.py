"""Adapting a model to people: learn a head, prove it on others, and keep it only if it helps."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.source import Source
from facegap.datasets.inputs import named
from facegap.errors import InputError, ModelError
from facegap.jobs.adapt.adapted_model import write_adapted
from facegap.jobs.adapt.linear_step import Head
from facegap.jobs.adapt.record import AdaptationRecord
from facegap.jobs.adapt.regularisation import Choice, Learnt, choose, make_head
from facegap.jobs.collect import embed_images, find
from facegap.jobs.collected import Collected, Made
from facegap.jobs.enough import check_before, check_enough, genuine_subjects
from facegap.jobs.proof import Proof, Result
from facegap.jobs.provenance import data_sha256
from facegap.jobs.proving import GENERAL, MARGIN, check_general, prove, unseen
from facegap.jobs.split import Role, check_shares, split_subjects
from facegap.jobs.study import Study
from facegap.jobs.subset import only
from facegap.models import GivenModel, Model, ModelSource, PairModel, parse_model
from facegap.report.text import on_the_way
from facegap.run.executor import Executor
from facegap.run.progress import Progress, mute, silent

HELD_OUT = 0.3


@dataclass(frozen=True)
class Adaptation:
    """What came of it: the recipe that was chosen, the proof, and the file that was written if it helps."""

    choice: Choice
    proof: Proof
    written: Path | None


def adapt(
    study: Study,
    out: Path,
    *,
    general: Sequence[str | Path] | None = (),
    held_out: float = HELD_OUT,
    margin: float = MARGIN,
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> Adaptation:
    """Learn from some subjects of a study what tells people like them apart, and write the model that does it.

    A share of the subjects, `held_out`, is never learnt from: on them, and on `general`, the adapted model is held
    against the one that it is made of. Nothing is written unless it is better on its people, and not worse on the
    general cohort by more than `margin`; see `facegap.jobs.proof`. Beside the model lie a card (`.md`) and the split
    (`.split.csv`).

    Args:
        study: the images, one model that is an ONNX network, and how faces are found and models measured.
        out: the ONNX file to write.
        general: inputs with other people, each a cohort. None: there are none, and what it costs them stays unknown.
        held_out: share of the subjects, 0 to 1.
        margin: in AUC.
        executor: where images are embedded and compared, by default `study.workers` workers of this machine.
        progress, say: told what is going on, in steps and in lines.

    Raises:
        InputError: the inputs cannot be used, or nothing can be learnt from them; a cohort has too few subjects to
            judge on (see `facegap.jobs.enough`); no other people are given; or `out` cannot be written.
        ModelError: the model cannot be used, or nothing can be joined to it.
        StoreError: the store cannot be written.
    """
    check_shares(held_out)
    check_general(general)
    model = _adaptable(study, out)

    def refuse(source: Source) -> None:
        _refuse(source)
        check_before(source.manifest, held_out=held_out, seed=study.seed)

    inputs = [find(study, refuse=refuse, executor=executor, progress=progress, say=say)]
    if general is not None:
        given = named(general, GENERAL) if study.anonymous else general
        elsewhere = replace(study, inputs=given, layout=None, subject_from=None, cohort_by=(), images=None)
        inputs.append(
            find(elsewhere, refuse=_refuse_others, codes=inputs[0].codes, executor=executor, progress=progress, say=say)
        )
    target, *others = [
        embed_images(found, study, [model], executor=executor, progress=progress, say=say) for found in inputs
    ]
    usable = target.made[0].embeddings.ok
    split = split_subjects(target.manifest, target.pictures, held_out=held_out, usable=usable, seed=study.seed)
    judged = unseen(target, split, others[0] if others else None)
    kept = judged.found
    check_enough(genuine_subjects(kept.manifest, kept.hashes, kept.made[0].embeddings.ok))
    say(judged.note)
    learnt = split.rows(Role.TRAIN) & usable & _firsts(target.hashes)
    images = _images(target).only(learnt)
    choice = choose(images, seed=study.seed, progress=progress)
    head = make_head(images, choice.recipe)
    say(on_the_way.chosen(choice.tried, choice.recipe.label, choice.auc))

    old, new = model.spec.name, f"{model.spec.name} adapted"
    judged = replace(judged, found=_with_head(judged.found, head, new))
    proof = prove(judged, study, old=old, new=new, margin=margin, executor=executor, progress=progress)
    if proof.result is not Result.GAIN:
        return Adaptation(choice, proof, None)
    trained = only(target, learnt)
    record = AdaptationRecord(
        model=model,
        head=head,
        choice=choice,
        proof=proof,
        note=judged.note,
        split=split,
        manifest=target.manifest,
        data=data_sha256(trained.source, trained.hashes),
        images=len(trained.manifest),
        study=study,
    )
    write_adapted(record, out)
    return Adaptation(choice, proof, out)


def _adaptable(study: Study, out: Path) -> ModelSource:
    """Return the study's model; refuse what cannot work before any work is done."""
    models = [parse_model(model) if isinstance(model, str) else model for model in study.models]
    if len(models) != 1:
        raise InputError(
            "{n_models} models were named: one is adapted at a time, give --model once", n_models=len(models)
        )
    (model,) = models
    if isinstance(model, GivenModel):
        raise ModelError("{path} holds the answers of a model, not the model: give its ONNX file", path=model.path)
    if isinstance(model, PairModel):
        raise ModelError(
            "{model} is asked for scores, and has no network to adapt: give an ONNX file", model=model.name
        )
    if isinstance(model, Model) or model.network is None:
        raise ModelError(
            "{model} is no ONNX network, so nothing can be joined to it: export it and give the file, or give dlib, "
            "which is one",
            model=model.spec.name,
        )
    if model.spec.norm or model.spec.transform:
        raise ModelError(
            "the contract of {model} says what is done to its output (norm or transform), and a head can only be "
            "joined to the output itself: export the network with that in it",
            model=model.spec.name,
        )
    if out.suffix.lower() != ".onnx":
        raise InputError("{out} is no name of an ONNX file: end it in .onnx", out=out)
    return model


def _refuse(source: Source) -> None:
    if source.listed:
        raise InputError(
            "nothing can be learnt from a list of pairs: give the folder or table that says who is in which"
        )
    if not source.photos:
        raise InputError("saved embeddings bring no network that could be adapted: give folders or a table of images")


def _refuse_others(source: Source) -> None:
    _refuse(source)
    check_enough(genuine_subjects(source.manifest, []))


def _firsts(hashes: Sequence[str]) -> np.ndarray:
    """Return (N,) bool: the first of the files with the same bytes; copies would show a subject as too constant."""
    first = np.zeros(len(hashes), bool)
    first[np.unique(hashes, return_index=True)[1]] = True
    return first


def _images(found: Collected) -> Learnt:
    return Learnt(found.made[0].embeddings.vectors, found.manifest.subject_codes, found.manifest.cohort_codes)


def _with_head(found: Collected, head: Head, name: str) -> Collected:
    """Return what was collected with the adapted model's embeddings beside those of the model."""
    (made,) = found.made
    weights = hashlib.sha256(b"".join((made.spec.weights.encode(), head.mean.tobytes(), head.matrix.tobytes())))
    spec = replace(
        made.spec,
        name=name,
        weights=weights.hexdigest(),
        dimension=head.dimension,
        comparator=Comparator.COSINE,
        threshold=None,
        output="",
    )
    adapted = replace(made.embeddings, vectors=head(made.embeddings.vectors))
    return replace(found, made=[made, Made(spec, made.faces, adapted)])
