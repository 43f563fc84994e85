"""From what is too alike and what is not alike enough to the labels that are probably wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from facegap.jobs.audit.extraordinary import Rule
from facegap.jobs.audit.mixed_subjects import Own
from facegap.jobs.audit.strangers import Faces, Strangers
from facegap.report.text.audits import case_text


@dataclass(frozen=True)
class DoubtfulPair:
    """Two images whose labels do not fit.

    `kind`: `wrong-label` (`a` is probably of the subject of `b`), `one-person` (both subjects probably are),
    `two-people` (`a` and `b`, of one subject, probably are; `a` has fewer images like it) or `odd-image` (the same,
    where `a` is alone). `a`, `b`: images. `by_chance`: how many cases as extreme a study without wrong labels would
    hold; None where too few subjects show it. `reason`: in words.
    """

    kind: str
    a: int
    b: int
    by_chance: float | None
    reason: str


def cases(faces: Faces, strangers: Strangers, own: Own, rule: Rule) -> Iterator[DoubtfulPair]:
    """Yield what is suspicious, see `audit_labels`."""
    yield from _Judge(faces, strangers, own, rule, own.group.copy())


@dataclass(frozen=True)
class _Judge:
    """`group`: (N,) as in `Own`, but -1 for the images that were found to be of another subject so far."""

    faces: Faces
    strangers: Strangers
    own: Own
    rule: Rule
    group: np.ndarray

    def __iter__(self) -> Iterator[DoubtfulPair]:
        alike = self.rule.alike
        for a, b, likeness in zip(alike.a.tolist(), alike.b.tolist(), alike.likeness.tolist(), strict=True):
            if self.rule.stands_out(likeness):
                yield from self._two_subjects(*(mine[self.group[mine] >= 0] for mine in map(self.faces.of, (a, b))))
        for k in range(len(self.faces.starts)):
            mine = self.faces.of(k)
            for image in mine.tolist():
                if self._stray(image):
                    yield from self._found_elsewhere(image)
            yield from self._one_subject(mine)

    def _stray(self, image: int) -> int:
        """Return how far an image is a stray: 2 if more images of its subject are alike without it, 1 if as many."""
        groups = self.group[self.faces.of_image(image)]
        if self.group[image] < 0:
            return 0
        sizes = np.bincount(groups[groups >= 0])
        size = sizes[self.group[image]]
        return 2 if size < sizes.max() else int((sizes == size).sum() > 1)

    def _two_subjects(self, first: np.ndarray, second: np.ndarray) -> Iterator[DoubtfulPair]:
        """Judge two subjects that are too alike, unless it was due to images that were sent elsewhere since."""
        likeness = self.rule.measure(self.faces.similarity(first, second), first, second)
        if not self.rule.stands_out(float(likeness.max(initial=-np.inf))):
            return
        i, j = np.unravel_index(np.argmax(likeness), likeness.shape)
        one, other, chance = int(first[i]), int(second[j]), self.rule.chance(float(likeness.max()))
        wrong = self._guest(one, other)
        if wrong is None:
            yield DoubtfulPair("one-person", one, other, chance, case_text("one-person", chance))
        else:
            yield from self._wrong_label(wrong, second if wrong == one else first, chance)

    def _guest(self, one: int, other: int) -> int | None:
        """Return which of two images that are alike is not at home with its subject, if one is."""
        strays = {image: self._stray(image) for image in (one, other)}
        if any(strays.values()):
            return max(strays, key=lambda image: (strays[image], -np.nan_to_num(self.own.likeness[image])))
        meets = [self._likeness_with_others(one, other), self._likeness_with_others(other, one)]
        # Half way between strangers, who are at 0, and the images of one subject.
        if min(meets) < self.own.middle / 2 <= max(meets):
            return one if meets[0] > meets[1] else other
        return None

    def _likeness_with_others(self, image: int, other: int) -> float:
        """Return the mean likeness of an image with the other images of another's subject; infinite if it has none."""
        rest = np.setdiff1d(self.faces.of_image(other), [other])
        one = np.array([image])
        return (
            float(self.strangers.likeness(self.faces.similarity(one, rest), one, rest).mean()) if len(rest) else np.inf
        )

    def _found_elsewhere(self, image: int) -> Iterator[DoubtfulPair]:
        """Judge an image that is unlike its own subject by the other subject it is most alike to."""
        one, everyone = np.array([image]), slice(None)
        likeness = self.rule.measure(self.faces.similarity(one, everyone), one, everyone)[0].copy()
        likeness[self.faces.of_image(image)] = likeness[self.group < 0] = -np.inf
        closest = int(np.argmax(likeness))
        best = float(likeness[closest])
        if self.rule.finds(best):
            yield from self._wrong_label(image, self.faces.of_image(closest), self.rule.chance_of_image(best))

    def _wrong_label(self, image: int, home: np.ndarray, chance: float | None) -> Iterator[DoubtfulPair]:
        """Send an image to the subject whose images are `home`; a stray takes along those that are like it."""
        mine = self.faces.of_image(image)
        gone = mine[self.group[mine] == self.group[image]] if self._stray(image) else np.array([image])
        why = case_text("wrong-label", chance)
        for one in gone.tolist():
            nearest = home[np.argmax(self.faces.similarity(np.array([one]), home)[0])]
            yield DoubtfulPair("wrong-label", one, int(nearest), chance, why)
        self.group[gone] = -1

    def _one_subject(self, mine: np.ndarray) -> Iterator[DoubtfulPair]:
        """Judge a subject whose images fall into several groups, by the largest of them."""
        left = mine[self.group[mine] >= 0]
        codes, sizes = np.unique(self.group[left], return_counts=True)
        if len(codes) < 2:
            return
        largest = int(np.argmax(sizes))
        main = left[self.group[left] == codes[largest]]
        for code in np.delete(codes, largest):
            group = left[self.group[left] == code]
            similarity = self.faces.similarity(group, main)
            share = self.own.at_most(float(self.strangers.likeness(similarity, group, main).mean()))
            kind = "odd-image" if len(group) == 1 and len(left) > 2 else "two-people"
            chance = None if share is None else share * self.own.n_known
            why = case_text(kind, chance)
            for image, row in zip(group.tolist(), similarity, strict=True):
                yield DoubtfulPair(kind, image, int(main[np.argmax(row)]), chance, why)
