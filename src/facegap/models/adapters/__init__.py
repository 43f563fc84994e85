"""Models of other packages, one module for each, named as users write the package with "_" for "-".

Such a module holds `source(which, name, device)`, which returns the recipe of the package's model `which`; `name` is
what reports call it, or "". It runs the package's own code and fetches nothing: it says which weights are missing.
"""

from importlib import import_module
from pkgutil import iter_modules

from facegap.errors import ModelError
from facegap.models.embedder import ModelSource


def names() -> list[str]:
    """Return the packages, as users write them in front of ":"."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(__path__))


def source(package: str, which: str, name: str, device: str) -> ModelSource:
    """Return the recipe of a package's model, checked by loading it once.

    Raises:
        ModelError: the package is not installed, has no such model, or its weights are missing.
    """
    if not which:
        raise ModelError("{package}: names no model of that package: write e.g. {package}:NAME", package=package)
    return import_module(f"{__name__}.{package.replace('-', '_')}").source(which, name, device)
