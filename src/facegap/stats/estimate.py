"""One number of a population, with what it would be without each of its subjects."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from facegap.stats.scale import LOGIT, PLAIN, Scale

FEW_ERRORS = 10
"""Errors below which a rate is not taken for normal: the usual rule of ten for binomial counts."""
FEWEST_SUBJECTS = 3
"""Subjects without whom nothing can be said: leaving out one of two leaves no pair."""
HEAVIEST = 0.9
"""Share of all errors of one subject above which the number without that subject says too little of its spread."""


@dataclass(frozen=True)
class Estimate:
    """One number of a population of n subjects.

    `subject`: (n,) int64 codes, rising. `left_out`: (n,) float64, the number without each. `own`, `shared`: (n,) how it
    moves with a subject's weight, by comparisons of the subject alone and by those with another one; only proportions
    matter. `pairs`: the shared part pair by pair, as an object with `times(weight)`, `+` and `square()`, the sum of
    squares, NaN if unknown; None where it is not known. `errors`: the smaller of the errors and the right decisions
    behind a rate, if it has any. `participants`: subjects who have the comparisons that errors are made in. `if_share`:
    the number if so large a share of decisions were wrong (or right, where all are wrong); None where it is that share,
    or what it lacks to 1. `bias`: how far it is known to lie too high. `scale`: on which it is nearly normal.
    `compared`: on which two such numbers are compared. `unclaimed`: why no difference of such may be claimed, or "".
    """

    value: float
    subject: np.ndarray
    left_out: np.ndarray
    own: np.ndarray
    shared: np.ndarray
    pairs: Any = None
    errors: int | None = None
    participants: int = 0
    if_share: Callable[[float], float] | None = None
    bias: float = 0.0
    scale: Scale = LOGIT
    compared: Scale = PLAIN
    unclaimed: str = ""

    @property
    def n_subjects(self) -> int:
        """How many subjects take part."""
        return len(self.subject)

    @property
    def enough(self) -> bool:
        """Whether there are enough subjects to say anything."""
        return min(len(self.subject), self.participants) >= FEWEST_SUBJECTS

    @property
    def faultless(self) -> bool:
        """Whether no error was seen."""
        return self.errors == 0 or (self.scale.high < np.inf and self.value in (0.0, self.scale.high))

    @property
    def few(self) -> bool:
        """Whether the number stands on few errors, or on hardly more than one subject's."""
        few = (self.errors or FEW_ERRORS) < FEW_ERRORS
        return self.scale.high < np.inf and (few or self.faultless or self.one_carries)

    @cached_property
    def one_carries(self) -> bool:
        """Whether one subject has nearly all errors, or nearly all right decisions, of a number with a most."""
        high, left = self.scale.high, 1 - HEAVIEST
        least, most = float(self.left_out.min(initial=self.value)), float(self.left_out.max(initial=self.value))
        return high < np.inf and (least < left * self.value or high - most < left * (high - self.value))

    def complement(self) -> "Estimate":
        """Return 1 less this number."""
        flipped = {"value": 1 - self.value, "left_out": 1 - self.left_out, "own": -self.own, "shared": -self.shared}
        turned, pairs = self.if_share, self.pairs and self.pairs.times(-1.0)
        if_share = turned and (lambda share: 1 - turned(share))
        return replace(self, **flipped, bias=-self.bias, pairs=pairs, if_share=if_share)
