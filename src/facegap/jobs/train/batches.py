"""What a network is shown, and in which order: the same for the same seed, however many workers load it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

from facegap.jobs.train.augment import augment
from facegap.jobs.train.training_crops import Crops

Draw = tuple[int, int, int, int]
"""Which image, and what its augmentation depends on: row, seed, epoch, place in the epoch."""


class SubjectBatches(Sampler[list[Draw]]):
    """Batches of `subjects` x `images` images, so that a batch shows each of its subjects several times.

    In an epoch every image is drawn once, and some again to fill a subject's last handful. Epoch e depends on the seed
    and e alone. Several processes (`world`) share each batch evenly, by subjects: together they are shown what one
    alone would be. `world` divides `subjects`, see `Recipe.check_shared`.
    """

    def __init__(
        self,
        rows: np.ndarray,
        label: np.ndarray,
        *,
        subjects: int,
        images: int,
        seed: int,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self._of_subject = [rows[label == k] for k in range(int(label.max()) + 1)]
        self._shape = (subjects, images)
        self._seed, self._epoch = seed, 0
        self._rank, self._world = rank, world

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch is drawn next; Lightning calls it."""
        self._epoch = epoch

    def __len__(self) -> int:
        subjects, images = self._shape
        handfuls = sum(-(-len(rows) // images) for rows in self._of_subject)
        return max(1, handfuls // subjects)

    def __iter__(self) -> Iterator[list[Draw]]:
        rng = np.random.default_rng((self._seed, self._epoch))
        subjects, images = self._shape
        handfuls = []
        for rows in self._of_subject:
            filled = -(-len(rows) // images) * images
            again = rng.choice(rows, filled - len(rows))
            handfuls.append(np.r_[rng.permutation(rows), again].reshape(-1, images))
        order = rng.permutation(np.concatenate(handfuls))
        if len(order) < subjects:  # too few for one batch: show them again
            order = np.resize(order, (subjects, images))
        share = subjects // self._world
        for batch in range(len(self)):
            start = batch * subjects + self._rank * share
            rows = order[start : start + share].ravel()
            yield [(int(row), self._seed, self._epoch, start * images + place) for place, row in enumerate(rows)]


@dataclass(frozen=True)
class TrainingImages(Dataset):
    """Augmented crops and labels. `label`: (N,) number of each row's subject among those trained on."""

    crops: Crops
    label: np.ndarray

    def __getitem__(self, batch: list[Draw]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return pixels (n, 3, size, size) uint8 and labels (n,) int64."""
        images = [augment(self.crops[row], np.random.default_rng(decides)) for row, *decides in batch]
        return to_tensor(np.stack(images)), torch.from_numpy(self.label[[row for row, *_ in batch]])


@dataclass(frozen=True)
class PlainImages(Dataset):
    """Crops as they are, `batch` at a time. `rows`: which."""

    crops: Crops
    rows: np.ndarray
    batch: int

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch)

    def __getitem__(self, place: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return pixels (n, 3, size, size) uint8 and rows (n,) int64."""
        rows = self.rows[place * self.batch : (place + 1) * self.batch]
        return to_tensor(self.crops.stack(rows)), torch.from_numpy(rows)


def to_tensor(crops: np.ndarray) -> torch.Tensor:
    """Return crops (n, size, size, 3) uint8 RGB as (n, 3, size, size)."""
    return torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2)))
