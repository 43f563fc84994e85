"""A Python function as a model."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from facegap.data.spec import ModelSpec
from facegap.errors import ModelError

if TYPE_CHECKING:
    from facegap.data.finding import Finding


class Model:
    """A function and the contract it keeps; it is its own recipe, so it goes wherever a `ModelSource` goes.

    Args:
        embed: crops (n, size, size, 3) uint8 RGB to embeddings (n, D) of real numbers, NaN in the row of a crop it can
            make nothing of. Whatever colour order, mean and std the network behind it wants is the function's business.
        spec: change its `weights` whenever the function changes, for it keys the store.
    """

    note = ""
    findings: "tuple[Finding, ...]" = ()
    detector = ""

    def __init__(self, *, embed: Callable[[np.ndarray], np.ndarray], spec: ModelSpec) -> None:
        self.spec = spec
        self._function = embed

    def open(self) -> "Model":
        """Return the model itself."""
        return self

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """See `Embedder.embed`.

        Raises:
            ModelError: the function returned something else than real numbers of the promised shape.
        """
        if not len(crops):
            return np.empty((0, self.spec.dimension), dtype=np.float32)
        vectors = np.asarray(self._function(crops))
        expected = (len(crops), self.spec.dimension)
        if vectors.shape != expected:
            raise ModelError(
                "model {model} returned shape {shape}, expected (n, D) = {expected}",
                model=self.spec.name,
                shape=vectors.shape,
                expected=expected,
            )
        if vectors.dtype.kind not in "fiu":
            raise ModelError(
                "model {model} returned {dtype}, expected real numbers such as float32",
                model=self.spec.name,
                dtype=vectors.dtype,
            )
        with np.errstate(over="ignore"):  # an infinite number is the caller's to judge
            return vectors.astype(np.float32)
