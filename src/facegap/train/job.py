"""The whole job: split, train, export, prove."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from facegap.cache import default_root
from facegap.collect import Collected, embed_images, find, mute
from facegap.datasets.text import counted
from facegap.embeddings import Outcome
from facegap.errors import InputError
from facegap.manifest import Manifest
from facegap.models import parse_model
from facegap.progress import Progress, silent
from facegap.proof import MARGIN, Proof, Unseen, prove, unseen
from facegap.split import Role, Split, split_subjects, write_split
from facegap.store.crops import CropStore
from facegap.study import Study
from facegap.train.crops import Crops, cut_faces
from facegap.train.exported import Exported, export
from facegap.train.folder import Folder, data_digest
from facegap.train.loop import Lesson, fit
from facegap.train.network import FaceNetwork
from facegap.train.recipe import DEFAULT_MACHINE, Machine, Recipe
from facegap.train.smaller import Smaller


@dataclass(frozen=True)
class Order:
    """What is to be trained.

    `study`: which images, how their faces are found, and how the result is measured; its models are not looked at.
    `out`: the ONNX file. `general`: inputs of people whom the model must not serve worse, by more than `margin` in AUC.
    `against`: the model it is held against, as `--model` takes it. `precisions`: further files to write.
    `signature`, `licence`: texts for the file.
    """

    study: Study
    out: Path
    recipe: Recipe
    machine: Machine = DEFAULT_MACHINE
    general: Sequence[str | Path] = ()
    against: str = "dlib"
    margin: float = MARGIN
    precisions: tuple[Smaller, ...] = ()
    signature: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Trained:
    """What came of it: the files, who learnt and who judges, and the proof."""

    order: Order
    exported: Exported
    split: Split
    judged: Unseen
    proof: Proof


def train(order: Order, *, progress: Progress = silent, say: Callable[[str], None] = mute) -> Trained | None:
    """Train a network on some subjects, write it as ONNX, and compare it with another model on subjects it never saw.

    Interrupted at any point, the same order goes on where it stopped. The split by subject lies in `<out>.split.csv`,
    the state of the training in `<out>.training`.

    Returns:
        What came of it; None in all but the first of several processes that train together.

    Raises:
        InputError: the images cannot be used, or the folder of the training holds another one or damaged states.
        ModelError: the backbone, its weights or the other model cannot be had, or the export does not give what torch
            gives.
        StoreError: the store cannot be written.
    """
    if order.out.suffix.lower() != ".onnx":
        raise InputError(f"{order.out} is no name of an ONNX file: end it in .onnx")
    recipe, study = order.recipe, order.study
    against = parse_model(order.against)
    target = find(study, refuse=_refuse, progress=progress, say=say)
    general = None
    if order.general:
        general = find(replace(study, inputs=order.general), refuse=_refuse, progress=progress, say=say)
    crops = _cut(order, target, progress, say)
    split = split_subjects(
        target.manifest,
        target.hashes,
        held_out=recipe.held_out,
        validation=recipe.validation,
        least_images=recipe.least_images,
        usable=crops.ok,
        seed=recipe.seed,
    )
    judged = unseen(target, split, general)
    say(judged.note)
    write_split(split, target.manifest, order.out.with_suffix(".split.csv"))
    lesson = Lesson(
        crops,
        np.flatnonzero(split.rows(Role.TRAIN) & crops.ok),
        np.flatnonzero(split.rows(Role.VALIDATION) & crops.ok),
        target.manifest.subject_codes,
    )
    network, data = _learn(order, target, lesson, progress, say)
    if network is None:
        return None
    exported = export(
        network,
        lesson,
        recipe,
        order.out,
        cohort=f"{target.manifest.name}, validation subjects",
        precisions=order.precisions,
        texts={"data": data, "licence": order.licence, "signature": order.signature},
    )
    say(exported.note)
    new = parse_model(str(order.out))
    both = replace(judged, found=embed_images(judged.found, study, [against, new], progress=progress, say=say))
    proof = prove(both, study, old=against.spec.name, new=new.spec.name, margin=order.margin, progress=progress)
    return Trained(order, exported, split, judged, proof)


def _refuse(manifest: Manifest) -> None:
    if manifest.pairs is not None or manifest.vectors is not None:
        raise InputError(f"{manifest.name} is a list of pairs or of embeddings: give folders or a table of images")


def _cut(order: Order, target: Collected, progress: Progress, say: Callable[[str], None]) -> Crops:
    crops = cut_faces(
        target.manifest,
        target.hashes,
        CropStore(order.study.store or default_root()),
        crop=order.recipe.crop,
        size=order.recipe.size,
        faces=order.study.faces,
        workers=order.study.workers,
        progress=progress,
    )
    failed = crops.outcome[~crops.ok]
    for outcome in np.unique(failed):
        first = next(path for path, o in zip(target.manifest.paths, crops.outcome, strict=True) if o == outcome)
        say(f"{counted(int((failed == outcome).sum()), 'image')} left out: {Outcome(outcome).label}, e.g. {first}")
    return crops


def _learn(
    order: Order, target: Collected, lesson: Lesson, progress: Progress, say: Callable[[str], None]
) -> tuple[FaceNetwork | None, str]:
    """Return the trained network, or None where another process goes on, and the digest of what it learnt from."""
    subjects = target.manifest.subjects
    seen = np.r_[lesson.train, lesson.validation]
    data = data_digest([target.hashes[i] for i in seen], [subjects[i] for i in seen])
    folder = Folder(order.out.with_suffix(".training"))
    folder.open(order.recipe, data)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(order.recipe.seed)
        network = FaceNetwork(order.recipe)
        goes_on = fit(network, lesson, order.recipe, order.machine, folder, progress=progress, say=say)
    return (network if goes_on else None), data
