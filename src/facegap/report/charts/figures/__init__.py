"""The figures of the page, one file per group of them.

A file of this folder has a function `figures(evaluation, stems)`, which yields the figures of its group; the page shows
them as `figures.NAME`, after the file. `stems`: names of files that are taken, for `file_stem`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from facegap.data.evaluation import Evaluation
from facegap.report.charts.figure import Figure


@dataclass(frozen=True)
class Figures:
    """All figures of an evaluation, by the names of the files that draw them. What has no rows has no figure."""

    groups: Mapping[str, list[Figure]]

    def __getitem__(self, name: str) -> list[Figure]:
        """Return one group; templates write `figures.forest`."""
        return self.groups[name]

    @property
    def every(self) -> list[Figure]:
        """All of them."""
        return [figure for group in self.groups.values() for figure in group]


def figures_of(evaluation: Evaluation) -> Figures:
    """Return the figures of an evaluation."""
    stems: set[str] = set()
    names = sorted(module.name for module in iter_modules(__path__))
    return Figures({name: list(import_module(f"{__name__}.{name}").figures(evaluation, stems)) for name in names})
