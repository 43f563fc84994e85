"""Packs in the folder of InsightFace: `insightface:buffalo_l`.

They are read as `facegap.models.pack` reads any pack, so the package itself need not be installed.
"""

from pathlib import Path

from facegap.errors import ModelError
from facegap.models.embedder import ModelSource
from facegap.models.networks import of_pack

ROOT = Path("~/.insightface/models")
"""Where the package keeps packs, in `model_zoo.py` and `utils/storage.py`."""


def source(which: str, name: str, device: str) -> ModelSource:
    """See `facegap.models.adapters`."""
    folder = ROOT.expanduser() / which
    if not folder.is_dir():
        raise ModelError(
            "insightface:{which} is the pack in {folder}, which is absent, and facegap fetches none: unpack it "
            "there, or give its folder, --model {which}/",
            which=which,
            folder=folder,
        )
    return of_pack(folder, name, None, None, 1, device)
