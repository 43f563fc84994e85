"""The figures of the page, one file per group of them.

A file of this folder has a function `figures(evaluation, stems)`, which yields the figures of its group; the page shows
them as `figures.NAME`, after the file. `stems`: names of files that are taken, for `file_stem`.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pkgutil import iter_modules

from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.report.charts.figure import Figure
from facegap.report.text.language import Heard, in_language, listening, other_languages


@dataclass(frozen=True)
class Figures:
    """All figures of an evaluation, by the names of the files that draw them. What has no rows has no figure.

    `words`: by the code of each other language, their texts in it, by the texts that they hold.
    """

    groups: Mapping[str, list[Figure]]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> list[Figure]:
        """Return one group; templates write `figures.forest`."""
        return self.groups[name]

    @property
    def every(self) -> list[Figure]:
        """All of them."""
        return [figure for group in self.groups.values() for figure in group]

    def in_language(self, code: str) -> "Figures":
        """Return them with their titles in another language; what they draw stays as it is, beside `words`."""
        words = self.words.get(code, {})

        def said(figure: Figure) -> Figure:
            title, caption = (words.get(text, text) for text in (figure.title, figure.caption))
            return replace(figure, title=title, caption=caption)

        groups = ((name, list(map(said, group))) for name, group in self.groups.items())
        return Figures(defaultdict(list, groups), self.words)


def figures_of(evaluation: Evaluation) -> Figures:
    """Return the figures of an evaluation."""
    stems: set[str] = set()
    names = sorted(module.name for module in iter_modules(__path__))
    with listening() as heard:
        groups = {name: list(import_module(f"{__name__}.{name}").figures(evaluation, stems)) for name in names}
    return Figures(groups, {code: _words(evaluation, heard, code) for code in other_languages()})


def _words(evaluation: Evaluation, heard: Heard, code: str) -> dict[str, str]:
    """Return the texts of charts that are others in a language; a name of the data is never one of them."""
    cohorts = set(evaluation.populations) - {POOLED}
    names = {*evaluation.models["model"], *cohorts, *evaluation.subjects["subject"]}
    with in_language(code):
        words = {text: heard.again(text) for text in heard.texts if text not in names}
    return {text: said for text, said in words.items() if text != said}
