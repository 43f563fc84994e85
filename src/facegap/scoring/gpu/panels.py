"""Panels of scores on a device, and what is counted of them there."""

from typing import NamedTuple

import numpy as np
import torch

from facegap.data.subject_tally import Listed
from facegap.scoring.backend import BySubject
from facegap.scoring.cuts import CutIndex
from facegap.scoring.subject_histogram import SubjectHistogram
from facegap.scoring.subject_sums import PairSums


class Span(NamedTuple):
    """Block `a`, and which blocks b are wanted with it: those `wanted` (width,) bool, from block `first` on."""

    a: int
    first: int
    wanted: np.ndarray


class ScorePanel(NamedTuple):
    """The scores of a block with some neighbouring ones.

    `scores` (n, m) float32; `rows_a` (n,) and `rows_b` (m,): where they lie in the layout; `same`, `counts` (n, m)
    bool: pairs of one subject, and pairs to be counted, which leaves out what is not wanted, the filling of blocks and
    one half of a block with itself.
    """

    scores: torch.Tensor
    rows_a: torch.Tensor
    rows_b: torch.Tensor
    same: torch.Tensor
    counts: torch.Tensor


class Places:
    """Finds the slots of scores among the cuts."""

    def __init__(self, index: CutIndex, device: torch.device) -> None:
        bucket = np.clip(np.floor(index.cuts * index.scale).astype(np.int64) - index.offset, 0, index.buckets - 1)
        self.cuts = torch.from_numpy(index.cuts.copy()).to(device)
        self.met = torch.from_numpy(index.searched[bucket] == 1).to(device)

    def slots(self, scores: torch.Tensor) -> torch.Tensor:
        """Return the int64 slots of scores."""
        below = torch.searchsorted(self.cuts, scores.contiguous(), right=True)
        at = torch.clamp(below - 1, min=0)
        return 2 * below - ((self.cuts[at] == scores) & self.met[at]).long()


class PanelHistogram:
    """Takes up the impostor scores of panels of one cell, for a `SubjectHistogram`."""

    def __init__(self, asked: BySubject, group: torch.Tensor) -> None:
        self.asked, self.group = asked, group
        self.edges = torch.from_numpy(asked.layout.edges).to(group.device)
        self.counts = torch.zeros((asked.n, len(self.edges) + 1), dtype=torch.int64, device=group.device)
        self.listed = [Listed.none(asked.layout.bar)]

    def add(self, panel: ScorePanel, impostors: torch.Tensor) -> None:
        """Count the scores of the impostors among a panel for both their subjects, and list those from the bar on."""
        place = torch.searchsorted(self.edges, panel.scores.contiguous(), right=True)
        for axis, rows in ((1, panel.rows_a), (0, panel.rows_b)):
            self.counts.index_add_(0, self.group[rows], in_bins(place, impostors, self.counts.shape[1], axis))
        self.listed.append(list_high(panel, impostors, self.group, self.asked.layout.bar))

    def found(self, pairs: PairSums) -> SubjectHistogram:
        """Return what was counted, with the sums over pairs of subjects."""
        return SubjectHistogram(self.asked.layout, self.counts.cpu().numpy(), pairs, Listed.joined(self.listed))


def list_high(panel: ScorePanel, impostors: torch.Tensor, group: torch.Tensor, bar: float) -> Listed:
    """Return the scores of the impostors among a panel from `bar` on."""
    high = impostors & (panel.scores >= bar)
    i, j = torch.nonzero(high, as_tuple=True)
    found = (panel.scores[high], group[panel.rows_a[i]], group[panel.rows_b[j]])
    return Listed(*(column.cpu().numpy() for column in found), bar)


def in_bins(place: torch.Tensor, chosen: torch.Tensor, bins: int, axis: int) -> torch.Tensor:
    """Return how many chosen scores lie in each bin, (n, bins) row by row, or column by column where `axis` is 0."""
    lines = place.shape[1 - axis]
    line = torch.arange(lines, device=place.device)
    line = line[:, None] if axis == 1 else line[None, :]
    flat = torch.where(chosen, line * bins + place, lines * bins).flatten()
    return torch.bincount(flat, minlength=lines * bins + 1)[:-1].reshape(lines, bins)
