"""What is trained and how: ArcFace over batches of subjects, judged on subjects that are not learnt from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from lightning.pytorch import LightningModule
from pytorch_metric_learning.losses import ArcFaceLoss, SubCenterArcFaceLoss
from pytorch_metric_learning.reducers import ClassWeightedReducer, MeanReducer
from torch import distributed, nn

from facegap.jobs.train.network import FaceNetwork
from facegap.jobs.train.recipe import Recipe
from facegap.jobs.train.training_crops import Crops
from facegap.jobs.train.validation import validate

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""

BACKBONE_SHARE = 0.1
"""Of the learning rate, for a backbone that is not random: what it knows is changed slowly."""


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
        order = np.unique(rows, return_index=True)[1]  # few rows were shown to several processes
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
