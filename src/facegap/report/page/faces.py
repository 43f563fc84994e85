"""Which faces the page shows: the most telling comparisons, the failures and a contact sheet."""

from dataclasses import dataclass

import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.report.page.thumbnails import thumbnail
from facegap.report.text.language import _
from facegap.run.progress import Progress
from facegap.run.text import N_

EXTREMES = 20
FAILURES = 24
KINDS = {
    "impostor": N_("Closest impostor comparisons: different subjects that look alike to the model"),
    "genuine": N_("Farthest genuine comparisons: images of one subject that look different to the model"),
}


@dataclass(frozen=True)
class Shown:
    """What is shown, as rows of the evaluation's tables.

    `extremes`: by model, then by the words of the kind, at most `EXTREMES` each. `failed`: by model, the rows with a
    picture. `listed`: by model, those without. `sheet`: by cohort.
    """

    extremes: dict[str, dict[str, list[dict]]]
    failed: dict[str, list[dict]]
    listed: dict[str, list[dict]]
    sheet: dict[str, list[dict]]

    @property
    def paths(self) -> list[str]:
        """Every image file that is shown, once, in order."""
        pairs = [pair for kinds in self.extremes.values() for pairs in kinds.values() for pair in pairs]
        single = [row for rows in (*self.failed.values(), *self.sheet.values()) for row in rows]
        paths = [pair[side] for pair in pairs for side in ("path_a", "path_b")] + [row["path"] for row in single]
        return list(dict.fromkeys(paths))


def shown_faces(evaluation: Evaluation) -> Shown:
    """Choose what the page shows."""
    top = evaluation.extremes.filter(pl.col("rank") <= EXTREMES).sort("rank", maintain_order=True)
    models = evaluation.models["model"].to_list()
    failures = {model: evaluation.failures.filter(model=model).to_dicts() for model in models}
    return Shown(
        extremes={
            model: {
                _(words): rows
                for kind, words in KINDS.items()
                if (rows := top.filter(model=model, kind=kind).to_dicts())
            }
            for model in models
        },
        failed={model: rows[:FAILURES] for model, rows in failures.items() if rows},
        listed={model: rows[FAILURES:] for model, rows in failures.items() if rows},
        sheet={
            cohort: rows
            for cohort in evaluation.cohorts["cohort"]
            if (rows := evaluation.sheet.filter(cohort=cohort).to_dicts())
        },
    )


def thumbnails_of(shown: Shown, progress: Progress) -> dict[str, str | None]:
    """Return the data URI of each image file that is shown, None for those that cannot be read."""
    paths, made = shown.paths, {}
    for done, path in enumerate(paths, start=1):
        made[path] = thumbnail(path)
        progress("thumbnails", done, len(paths))
    return made
