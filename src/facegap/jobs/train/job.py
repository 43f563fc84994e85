"""The whole job: split, train, export, prove."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from facegap.data.embeddings import Outcome
from facegap.data.source import Source
from facegap.data.weights import sha256_of_file
from facegap.datasets.inputs import named
from facegap.errors import InputError
from facegap.jobs.collect import embed_images, find
from facegap.jobs.collected import Collected
from facegap.jobs.embed_study import pace_of
from facegap.jobs.enough import check_before, check_enough, genuine_subjects
from facegap.jobs.model_card import LearningSource, model_card, threshold_fact
from facegap.jobs.proof import Proof
from facegap.jobs.provenance import data_sha256
from facegap.jobs.proving import GENERAL, Unseen, prove, unseen
from facegap.jobs.split import Role, Split, split_subjects
from facegap.jobs.subset import only
from facegap.jobs.suggestion import Suggestion
from facegap.jobs.train.exported import Exported, export
from facegap.jobs.train.loop import fit
from facegap.jobs.train.network import FaceNetwork
from facegap.jobs.train.on_ray import fit_on_ray
from facegap.jobs.train.order import Order
from facegap.jobs.train.smaller import Smaller
from facegap.jobs.train.training import Lesson
from facegap.jobs.train.training_crops import Crops, cut_faces
from facegap.jobs.train.validation import COHORT
from facegap.models import ModelSource, parse_model
from facegap.report.text import cards, on_the_way
from facegap.run.executor import RAY, Executor
from facegap.run.files import written_whole
from facegap.run.progress import Progress, mute, silent
from facegap.run.ray_executor import OnRay
from facegap.run.spreadsheet import spreadsheet_safe
from facegap.store import store_root, store_url
from facegap.store.crops import CropStore

NAMED = 3
"""Images that cannot be learnt from are named in the terminal, at most so many of a kind."""


@dataclass(frozen=True)
class Trained:
    """What came of it: the files that were written, the ONNX file first, and the proof."""

    written: tuple[Path, ...]
    proof: Proof


def train(
    order: Order,
    *,
    executor: Executor | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = mute,
) -> Trained | None:
    """Train a network on some subjects, write it as ONNX, and hold it against another model on subjects it never saw.

    Interrupted at any point, the same order goes on where it stopped: the state lies in `<out>.training`. Beside the
    model lie a card (`.md`) and the split by subject (`.split.csv`). `executor`: where images are cut, embedded and
    compared; on Ray the network is trained there, too, else where `order.machine` says.

    Returns:
        What came of it; None in all but the first of several processes that train together.

    Raises:
        InputError: the images cannot be used, the files cannot be written, or the folder of the training holds
            another one or a damaged state; or a cohort has too few subjects to judge on (see `facegap.jobs.enough`), or
            no other people are given.
        ModelError: the backbone, its weights or the other model cannot be had, or the export does not give what torch
            gives.
        StoreError: the store cannot be written.
    """
    against = order.checked(executor)
    faces = order.study.faces.with_brought([against.detector])  # both models are judged on the same faces
    order, recipe = replace(order, study=replace(order.study, faces=faces)), order.recipe

    def refuse(source: Source) -> None:
        _refuse(source)
        check_before(
            source.manifest,
            held_out=recipe.held_out,
            validation=recipe.validation,
            least_images=recipe.least_images,
            seed=recipe.seed,
        )

    target = find(order.study, refuse=refuse, executor=executor, progress=progress, say=say)
    general = _find_general(order, target, executor, progress, say)
    crops = _cut(order, target, executor, progress, say)
    split = split_subjects(
        target.manifest,
        target.pictures,
        held_out=recipe.held_out,
        validation=recipe.validation,
        least_images=recipe.least_images,
        usable=crops.ok,
        seed=recipe.seed,
    )
    judged = unseen(target, split, general)
    kept = genuine_subjects(judged.found.manifest, judged.found.hashes)
    check_enough(kept | genuine_subjects(target.manifest, target.hashes, split.rows(Role.HELD_OUT) & crops.ok))
    say(judged.note)
    learnt, chosen_by = (np.flatnonzero(split.rows(role) & crops.ok) for role in (Role.TRAIN, Role.VALIDATION))
    lesson = Lesson(crops, learnt, chosen_by, target.manifest.subject_codes)
    source = _source(order, target, lesson, split, judged)
    network = _learn(order, lesson, source, executor, progress, say)
    if network is None:
        return None
    small: dict[Smaller, Path] = {
        precision: order.out.with_suffix(f".{precision}.onnx") for precision in order.precisions
    }
    files = order.out, order.out.with_suffix(".md"), order.out.with_suffix(".split.csv"), *small.values()
    with written_whole(*files) as (model, card, table, *smaller):
        texts = {"data": source.data, "licence": order.licence, "signature": order.signature}
        exported = export(
            network,
            lesson,
            recipe,
            model,
            cohort=f"{target.manifest.name}, {len(np.unique(lesson.subject[lesson.validation]))} {COHORT} subjects",
            also=dict(zip(small, smaller, strict=True)),
            texts=texts,
        )
        for fact in exported.facts:
            say(fact)
        proof = _prove(order, judged, against, parse_model(str(model)), exported.suggested, executor, progress, say)
        card.write_text(_card(order, source, exported, proof, model), encoding="utf-8", newline="\n")
        table.write_text(spreadsheet_safe(split.table(target.manifest)).write_csv(), encoding="utf-8", newline="")
    return Trained(files, proof)


def _refuse(source: Source) -> None:
    if source.listed or not source.photos:
        raise InputError(
            "{dataset} is a list of pairs or of embeddings: give folders or a table of images",
            dataset=source.manifest.name,
        )


def _refuse_others(source: Source) -> None:
    _refuse(source)
    check_enough(genuine_subjects(source.manifest, []))


def _find_general(
    order: Order, target: Collected, executor: Executor | None, progress: Progress, say: Callable[[str], None]
) -> Collected | None:
    if order.general is None:
        return None
    given = named(order.general, GENERAL) if order.study.anonymous else order.general
    elsewhere = replace(order.study, inputs=given, layout=None, subject_from=None, cohort_by=(), images=None)
    return find(elsewhere, refuse=_refuse_others, codes=target.codes, executor=executor, progress=progress, say=say)


def _cut(
    order: Order, target: Collected, executor: Executor | None, progress: Progress, say: Callable[[str], None]
) -> Crops:
    crops = cut_faces(
        target.manifest,
        target.hashes,
        CropStore(store_root(order.study.store)),
        crop=order.recipe.crop,
        size=order.recipe.size,
        faces=order.study.faces,
        workers=order.study.workers,
        executor=executor,
        pace=pace_of(order.study, say),
        progress=progress,
    )
    for outcome in np.unique(crops.outcome[~crops.ok]):
        rows = np.flatnonzero(crops.outcome == outcome)
        names = [target.manifest.frame["path"][row] for row in rows.tolist()]
        say(on_the_way.not_learnt_from(names, Outcome(outcome).label, NAMED))
    return crops


def _source(order: Order, target: Collected, lesson: Lesson, split: Split, judged: Unseen) -> LearningSource:
    """Return what the model is made from; those who choose the epoch count as seen."""
    seen = np.zeros(len(target.manifest), bool)
    seen[np.r_[lesson.train, lesson.validation]] = True
    learnt = only(target, seen)
    data = data_sha256(learnt.source, learnt.hashes)
    return LearningSource(target.manifest, split, judged.note, int(seen.sum()), data, order.study)


def _learn(
    order: Order,
    lesson: Lesson,
    source: LearningSource,
    executor: Executor | None,
    progress: Progress,
    say: Callable[[str], None],
) -> FaceNetwork | None:
    """Return the trained network, or None where another process goes on."""
    faces, how = order.study.faces.spec(order.recipe.crop), {"progress": progress, "say": say}
    order.folder.open(order.recipe, faces, source.data, RAY if isinstance(executor, OnRay) else None)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(order.recipe.seed)
        network = FaceNetwork(order.recipe)
        if isinstance(executor, OnRay):
            store = store_url(order.study.store)
            fit_on_ray(network, lesson, order.recipe, order.machine, order.folder, executor, store, **how)
            return network
        return network if fit(network, lesson, order.recipe, order.machine, order.folder, **how) else None


def _prove(
    order: Order,
    judged: Unseen,
    old: ModelSource,
    new: ModelSource,
    suggested: Suggestion | None,
    executor: Executor | None,
    progress: Progress,
    say: Callable[[str], None],
) -> Proof:
    found = embed_images(judged.found, order.study, [old, new], executor=executor, progress=progress, say=say)
    return prove(
        replace(judged, found=found),
        order.study,
        old=old.spec.name,
        new=new.spec.name,
        margin=order.margin,
        suggestion=lambda *_: suggested,  # the validation subjects decided it
        executor=executor,
        progress=progress,
    )


def _card(order: Order, source: LearningSource, exported: Exported, proof: Proof, model: Path) -> str:
    recipe, contract = order.recipe, exported.contract
    given = cards.given_weights() if order.study.anonymous else recipe.weights and recipe.weights.name
    start = given or ("random" if recipe.from_scratch else "timm")
    facts = [
        cards.recipe(
            recipe.backbone,
            start,
            margin=recipe.margin,
            scale=recipe.scale,
            epochs=recipe.epochs,
            auc=exported.auc,
        ),
        *cards.contract(contract.dimension, contract.comparator, contract.crop, contract.size),
        threshold_fact(exported.suggested),
        cards.licence(contract.licence),
        cards.file_digest(sha256_of_file(model)),
        *exported.facts,
    ]
    return model_card(order.out.name, source, proof, what=cards.trained(proof.target), facts=facts)
