"""Whether workers on other machines see the disk that something is written to."""

from pathlib import Path
from typing import Protocol, runtime_checkable


@runtime_checkable
class Seeing(Protocol):
    """An executor whose workers may be on other machines."""

    def sees(self, folder: Path) -> bool:
        """Return whether all workers see a folder of this machine under its path, or at its URL, and can write to it.

        The folder is made where it is absent.
        """
        ...
