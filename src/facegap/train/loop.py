"""The training loop: ArcFace over batches of subjects, judged after every epoch on subjects it does not learn from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from pytorch_metric_learning.losses import ArcFaceLoss, SubCenterArcFaceLoss
from pytorch_metric_learning.reducers import ClassWeightedReducer, MeanReducer
from torch import distributed, nn
from torch.utils.data import DataLoader

from facegap.executor import available_workers
from facegap.progress import Progress
from facegap.train.batches import PlainImages, SubjectBatches, TrainingImages
from facegap.train.crops import Crops
from facegap.train.folder import Folder
from facegap.train.network import FaceNetwork
from facegap.train.quiet import quiet
from facegap.train.recipe import Machine, Recipe
from facegap.train.state import checked
from facegap.train.validation import validate

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""

BACKBONE_SHARE = 0.1
"""Of the learning rate, for a backbone that is not random: what it knows is changed slowly."""

LARGEST_STEP = 5.0
"""Norm to which gradients are cut: random subjects' centres make large ones at first."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is learnt from what. `train`, `validation`: rows of `crops`. `subject`: (N,) codes of all rows."""

    crops: Crops
    train: np.ndarray
    validation: np.ndarray
    subject: np.ndarray

    @property
    def label(self) -> np.ndarray:
        """(N,) int64: number of a row's subject among those trained on, -1 for the others."""
        label = np.full(len(self.subject), -1, np.int64)
        label[self.train] = np.unique(self.subject[self.train], return_inverse=True)[1]
        return label


class Training(LightningModule):
    """A network, its loss, and how both are trained and judged."""

    def __init__(self, network: FaceNetwork, lesson: Lesson, recipe: Recipe) -> None:
        super().__init__()
        self.network = network
        self.loss = _loss(lesson, recipe)
        self._recipe, self._subject = recipe, lesson.subject
        self._embedded: list[tuple[np.ndarray, np.ndarray]] = []

    def on_train_epoch_start(self) -> None:
        """Chance within an epoch (dropout, stochastic depth) depends on the seed and the epoch alone."""
        seed = np.random.SeedSequence((self._recipe.seed, self.current_epoch, self.global_rank))
        torch.manual_seed(int(seed.generate_state(1)[0]))

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], _: int) -> torch.Tensor:
        """Return the loss of a batch; angles are computed in single precision."""
        pixels, label = batch
        embeddings = self.network(self.network.normalised(pixels))
        with torch.autocast(embeddings.device.type, enabled=False):
            loss = self.loss(embeddings.float(), label)
        self.log("loss", loss, on_step=False, on_epoch=True, batch_size=len(label), sync_dist=True)
        return loss

    def validation_step(self, batch: tuple[torch.Tensor, torch.Tensor], _: int) -> None:
        """Embed a batch."""
        pixels, rows = batch
        embeddings = self.network(self.network.normalised(pixels))
        self._embedded.append((rows.cpu().numpy(), embeddings.float().cpu().numpy()))

    def on_validation_epoch_end(self) -> None:
        """Compare all validation images with each other."""
        rows = np.concatenate(_of_all_processes([rows for rows, _ in self._embedded]))
        vectors = np.concatenate(_of_all_processes([vectors for _, vectors in self._embedded]))
        self._embedded.clear()
        order = np.argsort(rows)
        validated = validate(vectors[order], self._subject[rows[order]])
        self.log("auc", validated.auc)
        if point := validated.operating_point:
            self.log(f"tar@fmr={point.fmr:g}", point.tar)

    def configure_optimizers(self) -> Any:
        """AdamW and one cycle of the learning rate; weights of one dimension (biases, norms) do not decay."""
        recipe = self._recipe
        slow = 1.0 if recipe.from_scratch else BACKBONE_SHARE
        parts = ((self.network.backbone, slow), (self.network.head, 1.0), (self.loss, 1.0))
        groups = [
            {"params": weights, "lr": share * recipe.learning_rate, "weight_decay": decay}
            for part, share in parts
            for weights, decay in _by_decay(part, recipe.weight_decay)
            if weights
        ]
        optimiser = torch.optim.AdamW(groups)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser,
            [group["lr"] for group in groups],
            total_steps=int(self.trainer.estimated_stepping_batches),
            pct_start=WARM_UP,
            cycle_momentum=False,
        )
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


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
        InputError: the state that training would go on from is damaged.
    """
    if not folder.finished:
        with quiet(), _threads(machine):
            trainer = _trainer(recipe, machine, folder, _Told(recipe.epochs, progress, say))
            training = Training(network, lesson, recipe)
            rank, world = trainer.global_rank, trainer.world_size
            train, plain = _loaders(lesson, recipe, machine, rank, world, cpu=_on_cpu(trainer))
            resume = checked(folder.last) if folder.last.is_file() else None
            if resume:
                say(f"going on with the training in {folder.path}, which was interrupted")
            trainer.fit(training, train, plain, ckpt_path=resume, weights_only=True)
            if not trainer.is_global_zero:
                return False
            folder.finish(trainer.current_epoch)
    state = torch.load(checked(folder.best), map_location="cpu", weights_only=True)["state_dict"]
    prefix = "network."
    network.load_state_dict({k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)})
    network.cpu().eval()
    return True


def embed_crops(network: FaceNetwork, crops: Crops, rows: np.ndarray, *, batch: int = 64) -> np.ndarray:
    """Return embeddings (n, D) float32 of the crops of `rows`."""
    with torch.inference_mode():
        images = PlainImages(crops, rows, batch)
        vectors = [network(network.normalised(images[k][0])).numpy() for k in range(len(images))]
    return np.concatenate(vectors)


def _trainer(recipe: Recipe, machine: Machine, folder: Folder, told: Callback) -> Trainer:
    csv = CSVLogger(folder.path, name="logs")
    return Trainer(
        precision=machine.precision,  # pyright: ignore[reportArgumentType]
        devices=machine.devices if machine.devices == "auto" else int(machine.devices),
        num_nodes=machine.nodes,
        max_epochs=recipe.epochs,
        gradient_clip_val=LARGEST_STEP,
        logger=[csv, TensorBoardLogger(folder.path, name="logs", version=csv.version)],
        log_every_n_steps=1,
        callbacks=[
            told,
            EarlyStopping("auc", mode="max", patience=recipe.patience, check_on_train_epoch_end=True),
            ModelCheckpoint(
                folder.path,
                filename="best",
                monitor="auc",
                mode="max",
                save_last=True,
                save_on_train_epoch_end=True,
                enable_version_counter=False,
            ),
        ],
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def _loaders(
    lesson: Lesson, recipe: Recipe, machine: Machine, rank: int, world: int, *, cpu: bool
) -> tuple[DataLoader, DataLoader]:
    """Return what loads the training and the validation images.

    Where the network runs on the CPU, images are loaded between its steps: more processes would only compete with it.
    """
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
    plain = PlainImages(lesson.crops, lesson.validation[rank::world], recipe.batch_subjects * recipe.batch_images)
    keep: dict[str, Any] = {"num_workers": processes, "persistent_workers": processes > 0, "pin_memory": not cpu}
    train = DataLoader(TrainingImages(lesson.crops, lesson.label), sampler=batches, batch_size=None, **keep)
    return train, DataLoader(plain, batch_size=None, **keep)


def _loss(lesson: Lesson, recipe: Recipe) -> nn.Module:
    images = np.bincount(lesson.label[lesson.train])
    weights = torch.tensor(images.mean() / images, dtype=torch.float32)
    options: dict[str, Any] = {
        "num_classes": len(images),
        "embedding_size": recipe.dimension,
        "margin": recipe.margin,
        "scale": recipe.scale,
        "reducer": ClassWeightedReducer(weights) if recipe.class_weights else MeanReducer(),
    }
    if recipe.sub_centres > 1:
        return SubCenterArcFaceLoss(sub_centers=recipe.sub_centres, **options)
    return ArcFaceLoss(**options)


def _by_decay(part: nn.Module, decay: float) -> Iterator[tuple[list[nn.Parameter], float]]:
    weights = list(part.parameters())
    yield [w for w in weights if w.ndim > 1], decay
    yield [w for w in weights if w.ndim <= 1], 0.0


def _of_all_processes(arrays: list[np.ndarray]) -> list[np.ndarray]:
    if not (distributed.is_available() and distributed.is_initialized()):
        return arrays
    gathered: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(gathered, arrays)
    return [array for part in gathered for array in part]


def _on_cpu(trainer: Trainer) -> bool:
    return trainer.strategy.root_device.type == "cpu"


@contextmanager
def _threads(machine: Machine) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(machine.workers or available_workers())
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Told(Callback):
    """Tells what goes on: a step at a time, and a line for every epoch."""

    def __init__(self, epochs: int, progress: Progress, say: Callable[[str], None]) -> None:
        self._epochs, self._progress, self._say = epochs, progress, say
        self._best = -1.0

    def state_dict(self) -> dict[str, float]:
        """Return what is to be known when training goes on."""
        return {"best": self._best}

    def load_state_dict(self, state_dict: dict[str, float]) -> None:
        """Take up what `state_dict` returned."""
        self._best = state_dict["best"]

    def on_train_batch_end(self, trainer: Trainer, *_: object) -> None:
        """Tell of a step."""
        steps = int(trainer.num_training_batches)
        done = trainer.global_step - trainer.current_epoch * steps
        self._progress(f"epoch {trainer.current_epoch + 1} of {self._epochs}", done, steps)

    def on_train_epoch_end(self, trainer: Trainer, *_: object) -> None:
        """Tell how an epoch went, validation included."""
        numbers = {name: float(value) for name, value in trainer.callback_metrics.items()}
        rates = "".join(f", {name.upper()} {value:.3f}" for name, value in numbers.items() if name.startswith("tar"))
        best = numbers["auc"] > self._best
        self._best = max(self._best, numbers["auc"])
        self._say(
            f"epoch {trainer.current_epoch + 1} of {self._epochs}: loss {numbers['loss']:.3f}, "
            f"validation AUC {numbers['auc']:.4f}{rates}{', the best so far' if best else ''}"
        )
