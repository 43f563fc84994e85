"""The states of a training on disk."""

import pickle
from pathlib import Path

import torch

from facegap.errors import InputError


def checked(path: Path) -> Path:
    """Return the path of a state if it can be loaded; no code in it is run.

    Raises:
        InputError: the file is missing or damaged; it is left as it is.
    """
    try:
        torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except FileNotFoundError:
        raise InputError("{path} is missing: delete {parent} to train anew", path=path, parent=path.parent) from None
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, ValueError, KeyError) as error:
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise InputError(
            "the state {path} is damaged ({reason}): put an intact copy there, or delete {parent} to train anew",
            path=path,
            reason=reason,
            parent=path.parent,
        ) from None
    return path
