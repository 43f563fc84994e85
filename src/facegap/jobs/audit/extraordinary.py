"""How alike two subjects have to be to be taken for one person."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from facegap.jobs.audit.alike import Alike
from facegap.jobs.audit.mixed_subjects import LEAST_GENUINE, Own
from facegap.jobs.audit.strangers import NEAREST, Faces, Strangers
from facegap.report.text.audits import bar_too_low, no_bar, only_a_bar
from facegap.run.progress import Progress, silent

ENOUGH_SUBJECTS = 2 * NEAREST + 1
"""With so many subjects the `NEAREST`-th nearest is among the nearer half, and a tail of pairs can be looked at."""

CHANCE = 1.0
"""Two subjects are suspicious if at most this many pairs of subjects would be as much alike by chance."""

FOUND = 0.05
"""An image that is unlike its own subject is of another if by chance at most so many would be as much alike to it."""


class Rule(Protocol):
    """Which subjects, or images of two subjects, are too alike for two people."""

    @property
    def alike(self) -> Alike:
        """The pairs of subjects to look at."""
        ...

    def measure(self, similarity: np.ndarray, a: np.ndarray | slice, b: np.ndarray | slice) -> np.ndarray:
        """Return how much alike images `a` (n,) and `b` (m,) of this similarity (n, m) are, (n, m)."""
        ...

    def stands_out(self, likeness: float) -> bool:
        """Return whether two subjects whose closest images are so alike are suspicious."""
        ...

    def chance(self, likeness: float) -> float | None:
        """Return how many pairs of subjects would be as much alike by chance; None where nobody can say."""
        ...

    def finds(self, likeness: float) -> bool:
        """Return whether an image that is unlike its own subject is so alike to another that it is of that one."""
        ...

    def chance_of_image(self, likeness: float) -> float | None:
        """Return how many other subjects would be as much alike to one image by chance; None as above."""
        ...


@dataclass(frozen=True)
class Tail:
    """For many subjects: two are too alike if their pair lies far out in the tail of all pairs, by `Strangers.margin`.

    And if they are as much alike as the middle genuine comparison.
    """

    alike: Alike
    strangers: Strangers
    own: Own
    subjects: int

    def measure(self, similarity: np.ndarray, a: np.ndarray | slice, b: np.ndarray | slice) -> np.ndarray:
        """Return the margin."""
        return self.strangers.margin(similarity, a, b)

    def stands_out(self, likeness: float) -> bool:
        """Return whether two subjects are too alike: extraordinary for two people, ordinary for one."""
        return self.chance(likeness) <= CHANCE and not likeness < self.own.margin

    def chance(self, likeness: float) -> float:
        """Return what the tail says."""
        return self.alike.expected(likeness)

    def finds(self, likeness: float) -> bool:
        """Return whether hardly any would be as much alike by chance."""
        return self.chance_of_image(likeness) <= FOUND

    def chance_of_image(self, likeness: float) -> float:
        """Return what the tail says: the pairs of one subject are 2 in S of all pairs."""
        return self.chance(likeness) * 2 / self.subjects


@dataclass(frozen=True)
class Bar:
    """For few subjects: two are too alike if their closest comparison reaches a bar that no pair of subjects moves.

    A tail of few pairs may consist of the very pairs that are looked for. `similarity`: the bar.
    """

    alike: Alike
    similarity: float

    def measure(self, similarity: np.ndarray, a: np.ndarray | slice, b: np.ndarray | slice) -> np.ndarray:
        """Return the similarity as it is."""
        return similarity

    def stands_out(self, likeness: float) -> bool:
        """Return whether the bar is reached."""
        return likeness >= self.similarity

    def chance(self, likeness: float) -> None:
        """Return nothing: few subjects do not show how often strangers reach the bar."""

    def finds(self, likeness: float) -> bool:
        """Return whether the bar is reached."""
        return likeness >= self.similarity

    def chance_of_image(self, likeness: float) -> None:
        """Return nothing, as `chance`."""


def rule_for(
    faces: Faces, strangers: Strangers, own: Own, shipped: float | None, *, progress: Progress = silent
) -> tuple[Rule, str]:
    """Return by which rule subjects are too alike, and what it cannot tell, in words; "" if it can.

    With fewer than `ENOUGH_SUBJECTS` subjects it is a bar: the stricter of the middle genuine comparison (of each
    subject, and then of the subjects, at least `LEAST_GENUINE`) and the model's shipped threshold. It cannot be used if
    more pairs of subjects reach it than there are subjects, or more than half of all pairs: the middle pair would then
    be of one person.

    `shipped`: similarity at the shipped threshold.
    """
    subjects = len(faces.starts)
    if subjects >= ENOUGH_SUBJECTS:
        return Tail(Alike.tail(faces, strangers, progress=progress), strangers, own, subjects), ""
    bars = {"shipped": shipped, "genuine": own.similarity}
    known = {name: bar for name, bar in bars.items() if bar is not None}
    if not known:
        return _blind(), no_bar(subjects, ENOUGH_SUBJECTS, LEAST_GENUINE)
    name = max(known, key=lambda name: known[name])
    bar, score = known[name], faces.comparator.sign * known[name]
    pairs = subjects * (subjects - 1) // 2
    most = min(subjects, pairs // 2)
    alike = Alike.of(faces, faces.similarity, most + 1, progress=progress)
    if int((alike.likeness >= bar).sum()) > most:
        said = bar_too_low(subjects, ENOUGH_SUBJECTS, most=most, pairs=pairs, bar=name, score=score)
        return _blind(), said
    return Bar(alike, bar), only_a_bar(subjects, ENOUGH_SUBJECTS, bar=name, score=score)


def _blind() -> Bar:
    """Return a bar that nothing reaches."""
    nobody = np.empty(0, np.int64)
    return Bar(Alike(nobody, nobody, np.empty(0)), float("inf"))
