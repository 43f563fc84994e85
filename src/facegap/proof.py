"""Whether a new model is better than an old one for the people it was made for, and at which price for others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from facegap.collect import Collected
from facegap.errors import InputError
from facegap.evaluation import Evaluation
from facegap.gate import Judgement, Verdict, check
from facegap.pipeline import evaluate_collected
from facegap.progress import Progress, silent
from facegap.report.differences import in_order, level_of, told, turned
from facegap.report.phrases import amount, end_texts, listed, sentence
from facegap.split import Role, Split, strangers
from facegap.study import Study
from facegap.subset import only, together

METRIC = "auc"
STRICT = ("fmr=0.01", "fmr=0.001")
"""False match rates that access systems work at: a model may gain AUC and still lose there."""

MARGIN = 0.01
"""How much AUC the general cohort may lose, unless the user says otherwise."""


class Result(StrEnum):
    """What a proof came to."""

    GAIN = "gain"
    NO_GAIN = "no gain"
    TOO_DEAR = "too dear"


@dataclass(frozen=True)
class Unseen:
    """What a model may be judged on: images of subjects of whom it learnt nothing.

    `found`: the images with each model's embeddings. `target`, `general`: the cohorts that the model was made for, and
    the others. `note`: in one line, whom it was trained on and whom it is judged on.
    """

    found: Collected
    target: tuple[str, ...]
    general: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Proof:
    """How a new model did against an old one on subjects that it never saw.

    `evaluation`: of both models, with the verdict in its notice. `gain`: whether the new one is better in each target
    cohort. `price`: whether it is not worse in each general cohort by more than a margin, or None where there is none.
    """

    evaluation: Evaluation
    old: str
    new: str
    target: tuple[str, ...]
    general: tuple[str, ...]
    gain: Judgement
    price: Judgement | None

    @property
    def result(self) -> Result:
        """What it came to: a gain is claimed where all that was asked is shown, never where the data cannot tell."""
        if self.gain.verdict is not Verdict.HOLDS:
            return Result.NO_GAIN
        return Result.GAIN if self.price is None or self.price.verdict is Verdict.HOLDS else Result.TOO_DEAR

    @property
    def sentences(self) -> list[str]:
        """Return what was found in each cohort, where a gain is a loss all the same, and last the verdict."""
        return [*(self._found_in(cohort) for cohort in (*self.target, *self.general)), *self.losses, self._verdict()]

    @property
    def losses(self) -> list[str]:
        """Return where a gain recognises fewer people at a fixed FMR than the old model: AUC does not see that."""
        if self.result is not Result.GAIN:
            return []
        level = level_of(self.evaluation)
        return [
            f"But {sentence(row, level)}."
            for cohort in (*self.target, *self.general)
            for row in self._compared(cohort, "fnmr")
            if row["at"] in STRICT and told(row, level) and in_order(row)["model_a"] == self.old
        ]

    def _compared(self, cohort: str, metric: str) -> list[dict]:
        images = "common" if "common" in self.evaluation.differences["images"] else "own"
        found = self.evaluation.differences.filter(kind="models", metric=metric, cohort_a=cohort, images=images)
        return found.to_dicts()

    def _found_in(self, cohort: str) -> str:
        rows = self._compared(cohort, METRIC)
        if not rows:
            return f"{cohort}: not comparable ({self.gain.reason})"
        row = turned(rows[0]) if rows[0]["model_a"] == self.old else rows[0]
        after, before = end_texts(row)
        subjects = self.evaluation.cohorts.filter(cohort=cohort)["subjects"].item()
        return f"{cohort}, {subjects} subjects: AUC {before} with {self.old}, {after} with {self.new}, {amount(row)}."

    def _verdict(self) -> str:
        target, general = listed(list(self.target)), listed(list(self.general)) if self.general else ""
        if self.result is Result.NO_GAIN:
            return f"No gain: keep {self.old} as it is ({self.gain.reason})."
        if self.price is None:
            return f"Gain: {self.new} is better on {target}. What it costs other people was not measured."
        if self.result is Result.GAIN:
            margin = f"margin {self.price.limit:g} AUC"
            return f"Gain: {self.new} is better on {target}, and not worse on {general} ({margin})."
        return (
            f"Too dear: {self.new} is better on {target}, but {general} may pay for it ({self.price.reason}). "
            f"Keep {self.old}, or allow a larger margin."
        )


def unseen(target: Collected, split: Split, general: Collected | None) -> Unseen:
    """Return what a model that was trained on `split` of `target` may be judged on.

    Of `general`, subjects are left out whom the model learnt from, by name or by a file's bytes.

    Raises:
        InputError: nobody is left of `general`, or both have a cohort of the same name.
    """
    held_out = only(target, split.rows(Role.HELD_OUT))
    cohorts = held_out.manifest.cohorts
    if general is None:
        return Unseen(held_out, cohorts, (), split.note)
    learnt = split.rows(Role.TRAIN, Role.VALIDATION)
    known = {subject for subject, seen in zip(target.manifest.subjects, learnt, strict=True) if seen}
    images = {image for image, seen in zip(target.hashes, learnt, strict=True) if seen}
    manifest = general.manifest
    others = strangers(manifest, general.hashes, subjects=known, images=images)
    dropped = manifest.frame["subject"].n_unique() - len(
        {s for s, keep in zip(manifest.subjects, others, strict=True) if keep}
    )
    if not others.any():
        raise InputError(
            f"every subject of {manifest.name} is among those that are trained on, by name or by picture: give others"
        )
    rest = only(general, others)
    left_out = f", {dropped} more left out because they are among those trained on" if dropped else ""
    note = f"{split.note}; {manifest.name}: {len(set(rest.manifest.subjects))} subjects to judge on{left_out}"
    return Unseen(together(held_out, rest), cohorts, rest.manifest.cohorts, note)


def prove(
    judged: Unseen, study: Study, *, old: str, new: str, margin: float = MARGIN, progress: Progress = silent
) -> Proof:
    """Compare the model `new` with `old` on subjects that `new` never saw: better for its people, no worse for others?

    Both claims are by AUC and by the paired interval of new − old (see `facegap.gate.check`): better in each target
    cohort, which means that the whole interval is above 0, and not worse than by `margin` in each general cohort.

    Args:
        judged: the images, with the embeddings of both models.
        study: how they are measured; its inputs and models are not looked at.
        old, new: names of the models.
        margin: non-inferiority margin in AUC.
        progress: told of the steps.

    Raises:
        InputError: the margin is negative, or the study's question cannot be used.
    """
    evaluation = evaluate_collected(judged.found, study, progress=progress)
    gain, *price = check(evaluation, _rules(judged, old, new, margin))
    proof = Proof(evaluation, old, new, judged.target, judged.general, gain, price[0] if price else None)
    unknown = f"All numbers are of subjects that {new} did not learn from."
    notice = " ".join(filter(None, (study.notice, unknown, proof.sentences[-1], *proof.losses)))
    return replace(proof, evaluation=replace(evaluation, notice=notice))


def _rules(judged: Unseen, old: str, new: str, margin: float) -> list[str]:
    models = f"{_quoted(new)}, {_quoted(old)}, {METRIC}"
    rules = [f"better({models})[{_places(judged.target)}]"]
    if judged.general:
        rules.append(f"not_worse({models}, {margin:g})[{_places(judged.general)}]")
    return rules


def _places(cohorts: Sequence[str]) -> str:
    return ", ".join(map(_quoted, cohorts))


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
