"""What a model is to facegap, and the recipe by which every worker makes its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from facegap.data.spec import ModelSpec
from facegap.errors import ModelError

if TYPE_CHECKING:
    from facegap.data.finding import Finding


class Embedder(Protocol):
    """Turns crops into embeddings."""

    @property
    def spec(self) -> ModelSpec:
        """The model's contract, which says what crops it takes."""
        ...

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """Return embeddings (n, D) float32 of crops (n, size, size, 3) uint8 RGB.

        A row that is not finite means that the model made nothing usable of that crop.
        """
        ...


@dataclass(frozen=True)
class ModelSource:
    """A picklable recipe for a model.

    `note`: one line that says where the contract came from, or "" where there was no choice. `network`: gives the
    network as one ONNX model with nothing outside, or is None where it is no ONNX. `findings`: what makes it doubtful
    that the network is fed as it wants to be. `detector`: the face detector that it brings, as users write it, or "".
    """

    spec: ModelSpec
    make: Callable[[], Embedder]
    note: str = ""
    network: Callable[[], bytes] | None = None
    findings: "tuple[Finding, ...]" = ()
    detector: str = ""

    def open(self) -> Embedder:
        """Return the model, loaded: call it inside the worker.

        Raises:
            ModelError: the model's file cannot be used.
        """
        return self.make()


def check_unchanged(path: Path, sha256: str, spec: ModelSpec) -> None:
    """Refuse a file that is no longer the one `spec` was made of: its embeddings are kept under that one's sha256.

    Raises:
        ModelError: the file is another one now.
    """
    if sha256 != spec.weights:
        raise ModelError("{path} changed while it was in use: run again", path=path)
