"""Which measures there are: those that facegap brings, and those of plug-ins.

Those that it brings stand in the modules of `measures/brought/`, each a tuple called `MEASURES`. Those of a package are
what an entry point of the group `PLUGINS` names: an `ImageMeasure`, or a tuple of them.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from facegap.errors import ModelError
from facegap.measures import brought
from facegap.measures.measure import ImageMeasure

PLUGINS = "facegap.measures"
"""The entry point group of plug-ins."""


@cache
def image_measures() -> tuple[ImageMeasure, ...]:
    """Return the measures that are taken of every image, in a fixed order.

    Raises:
        ModelError: a plug-in cannot be used.
    """
    found = [one for module in sorted(iter_modules(brought.__path__), key=lambda m: m.name) for one in _of(module.name)]
    for name in sorted(entry_points(group=PLUGINS).names):
        found += _plugin(name)
    names = [one.name for one in found]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ModelError(
            "two measures are called {repeated!r}: one of them is a plug-in's, rename or remove it",
            repeated=repeated[0],
        )
    return tuple(found)


def key(measures: Sequence[ImageMeasure], faces: str) -> str:
    """Return the store key of the values of `measures`: a hex sha256 over all that decides them.

    `faces`: how the faces are found, in words that change with it.
    """
    said = [faces, *(f"{one.name}:{one.version}" for one in measures)]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def _of(name: str) -> tuple[ImageMeasure, ...]:
    return import_module(f"{brought.__name__}.{name}").MEASURES


def _plugin(name: str) -> tuple[ImageMeasure, ...]:
    (point,) = entry_points(group=PLUGINS, name=name)
    try:
        found = point.load()
    except (Exception, SystemExit) as error:  # a plug-in is somebody else's code
        reason = (str(error).splitlines() or [""])[0]
        raise ModelError(
            "plug-in {name} ({value}) failed: {kind}: {reason}",
            name=name,
            value=point.value,
            kind=type(error).__name__,
            reason=reason,
        ) from error
    several = found if isinstance(found, tuple) else (found,)
    if not all(isinstance(one, ImageMeasure) for one in several):
        raise ModelError(
            "plug-in {name} ({value}) gave no measure: expected a facegap.measures.ImageMeasure",
            name=name,
            value=point.value,
        )
    return several
