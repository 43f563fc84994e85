"""The metrics themselves, a family in each file; every file here is imported, so that its metrics are registered.

The rows of a population come in the order of the files' names, and within a file in the order of registration.
"""

from importlib import import_module
from pkgutil import iter_modules

for module in sorted(found.name for found in iter_modules(__path__)):
    import_module(f"{__name__}.{module}")
