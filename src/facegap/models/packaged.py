"""What adapters of other packages share: importing them, and the recipe of a model that they run."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from facegap.errors import ModelError, Phrase
from facegap.models.callable_model import Model
from facegap.models.embedder import ModelSource
from facegap.run.text import one_line

Open = Callable[[str, str], Model]
"""Opens a package's model: which one, and what reports call it."""


def packaged(open_model: Open, which: str, name: str) -> ModelSource:
    """Return the recipe of a model of a package, checked by opening it once."""
    return ModelSource(open_model(which, name).spec, partial(open_model, which, name))


def imported(module: str, asked: str, install: str) -> Any:
    """Return a module of a package.

    Raises:
        ModelError: it cannot be imported; `asked` is what the user wrote, `install` how the package is had.
    """
    try:
        return import_module(module)
    except Exception as error:  # it may not fit the other packages that are installed
        reason, package = one_line(error), module.split(".")[0]
        raise ModelError(
            "{asked} needs the package {package}, which cannot be imported ({reason}): {install}",
            asked=asked,
            package=package,
            reason=reason,
            install=install,
        ) from None


def at_hand(path: Path, asked: str, fetch: Phrase) -> Path:
    """Return the file with the weights of a model.

    Raises:
        ModelError: it is absent; `fetch`: how the package gets it.
    """
    if not path.is_file():
        raise ModelError(
            "the weights of {asked} are not at {path}, and facegap fetches none: put them there, or {fetch}",
            asked=asked,
            path=path,
            fetch=fetch,
        )
    return path


def unknown(asked: str, known: Sequence[str]) -> ModelError:
    """Return the error that a package has no such model."""
    return ModelError("{asked} is unknown: choose one of {known}", asked=asked, known=", ".join(known))


def one_by_one(embed: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of crops (n, size, size, 3) from one of a single crop that gives D numbers of any shape."""
    return lambda crops: np.stack([np.ravel(np.asarray(embed(crop), np.float32)) for crop in crops])
