"""Running a training on the processors at hand, from where it stopped."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from torch.utils.data import DataLoader

from facegap.errors import InputError
from facegap.jobs.train.batches import PlainImages, SubjectBatches, TrainingImages
from facegap.jobs.train.folder import Folder
from facegap.jobs.train.network import FaceNetwork
from facegap.jobs.train.quiet import quiet
from facegap.jobs.train.recipe import Machine, Recipe
from facegap.jobs.train.state import checked
from facegap.jobs.train.training import Lesson, Training
from facegap.jobs.train.training_crops import Crops
from facegap.jobs.train.watch import Cooled, Told
from facegap.report.text import on_the_way
from facegap.run.executor import available_workers
from facegap.run.progress import Progress

LARGEST_STEP = 5.0
"""Norm to which gradients are cut: random subjects' centres make large ones at first."""


def fit(
    network: FaceNetwork,
    lesson: Lesson,
    recipe: Recipe,
    machine: Machine,
    folder: Folder,
    *,
    progress: Progress,
    say: Callable[[str], None],
) -> bool:
    """Train the network, or go on with it, and leave the weights of the best epoch in it.

    Returns:
        Whether this process is the one that goes on: of several that train together, only the first does.

    Raises:
        InputError: the state that training would go on from is damaged, or the next one cannot be written; or the
            devices cannot share a batch.
    """
    if not folder.finished:
        with quiet(), threads(machine):
            kept = ModelCheckpoint(
                folder.path,
                filename="best",
                monitor="auc",
                mode="max",
                save_last=True,
                save_on_train_epoch_end=True,
                enable_version_counter=False,
            )
            callbacks = [*watching(recipe, machine, progress, say), kept]
            where = {"devices": _devices(recipe, machine), "num_nodes": machine.nodes}
            trainer = make_trainer(recipe, machine, callbacks, folder.path, **where)
            recipe.check_shared(trainer.world_size)
            loaders = make_loaders(lesson, recipe, machine, trainer)
            resume = checked(folder.last) if folder.last.is_file() else None
            if resume:
                say(on_the_way.going_on(folder.path.name))
            try:
                trainer.fit(Training(network, lesson, recipe), *loaders, ckpt_path=resume, weights_only=True)
            except OSError as error:
                raise InputError(
                    "the training in {path} stopped ({reason}): see that there is room on its disk, then repeat the "
                    "command to go on",
                    path=folder.path,
                    reason=error.strerror or error,
                ) from None
            if not trainer.is_global_zero:
                return False
            folder.finish(trainer.current_epoch)
    take_best(network, folder)
    return True


def take_best(network: FaceNetwork, folder: Folder) -> None:
    """Give the network the weights of the best epoch of a training that is finished.

    Raises:
        InputError: their file is missing or damaged.
    """
    state = torch.load(checked(folder.best), map_location="cpu", weights_only=True)["state_dict"]
    prefix = "network."
    network.load_state_dict({k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)})
    network.cpu().eval()


def embed_crops(network: FaceNetwork, crops: Crops, rows: np.ndarray, *, batch: int = 64) -> np.ndarray:
    """Return embeddings (n, D) float32 of the crops of `rows`."""
    with torch.inference_mode():
        images = PlainImages(crops, rows, batch)
        vectors = [network(network.normalised(images[k][0])).numpy() for k in range(len(images))]
    return np.concatenate(vectors)


def watching(recipe: Recipe, machine: Machine, progress: Progress, say: Callable[[str], None]) -> list[Callback]:
    """Return what tells of a training, waits where it is hot, and stops where it gets no better."""
    stopping = EarlyStopping("auc", mode="max", patience=recipe.patience, check_on_train_epoch_end=True)
    hot = [] if machine.max_cpu_temp is None else [Cooled(machine.max_cpu_temp, say)]
    return [Told(recipe.epochs, progress, say), *hot, stopping]


def make_trainer(
    recipe: Recipe, machine: Machine, callbacks: Sequence[Callback], folder: Path | None, **where: Any
) -> Trainer:
    """Return what trains. `folder`: gets the logs, if there is one. `where`: devices as `Trainer` takes them."""
    csv = folder and CSVLogger(folder, name="logs")
    return Trainer(
        precision=machine.precision,  # pyright: ignore[reportArgumentType]
        max_epochs=recipe.epochs,
        gradient_clip_val=LARGEST_STEP,
        logger=[csv, TensorBoardLogger(csv.save_dir, name="logs", version=csv.version)] if csv else False,
        log_every_n_steps=1,
        callbacks=list(callbacks),
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        **where,
    )


def make_loaders(lesson: Lesson, recipe: Recipe, machine: Machine, trainer: Trainer) -> tuple[DataLoader, DataLoader]:
    """Return what loads the training and the validation images that this process is shown.

    Where the network runs on the CPU, images are loaded between its steps: more processes would only compete with it.
    """
    cpu = trainer.strategy.root_device.type == "cpu"
    rank, world = trainer.global_rank, trainer.world_size
    processes = 0 if cpu else machine.workers or available_workers()
    batches = SubjectBatches(
        lesson.train,
        lesson.label[lesson.train],
        subjects=recipe.batch_subjects,
        images=recipe.batch_images,
        seed=recipe.seed,
        rank=rank,
        world=world,
    )
    rows = np.resize(lesson.validation, max(len(lesson.validation), world))  # at least one for each process
    plain = PlainImages(lesson.crops, rows[rank::world], recipe.batch_subjects * recipe.batch_images)
    keep: dict[str, Any] = {"num_workers": processes, "persistent_workers": processes > 0, "pin_memory": not cpu}
    train = DataLoader(TrainingImages(lesson.crops, lesson.label), sampler=batches, batch_size=None, **keep)
    return train, DataLoader(plain, batch_size=None, **keep)


def _devices(recipe: Recipe, machine: Machine) -> int:
    """Return how many devices of this machine train: as many as were asked for, or as can share a batch."""
    if machine.devices != "auto":
        return int(machine.devices)
    most = max(1, torch.cuda.device_count())
    return next((n for n in range(most, 1, -1) if recipe.shared_by(n * machine.nodes)), 1)


@contextmanager
def threads(machine: Machine) -> Iterator[None]:
    """Let torch use as many threads as the machine has workers."""
    before = torch.get_num_threads()
    torch.set_num_threads(machine.workers or available_workers())
    try:
        yield
    finally:
        torch.set_num_threads(before)
