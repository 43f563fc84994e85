"""Which input of an ONNX network takes the image, and which output is the embedding."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facegap.errors import ModelError

NUMPY_TYPES = {"float": "float32", "float16": "float16", "double": "float64", "uint8": "uint8"}
"""The input types that facegap can feed, from ONNX's name to numpy's."""


@dataclass(frozen=True)
class TensorInfo:
    """An input or output: `type` as ONNX calls it; a dimension is a number, a name, or "?" where nothing is said."""

    name: str
    type: str
    shape: tuple[int | str, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.type} [{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True)
class ImageInput:
    """The input that takes the image.

    `type`: a key of `NUMPY_TYPES`. `channels_first`: (n, 3, size, size), else (n, size, size, 3). `batch`: how many
    images it takes at once, `size`: their side in pixels; None where it takes any.
    """

    name: str
    type: str
    channels_first: bool
    batch: int | None
    size: int | None


def image_input(inputs: Sequence[TensorInfo], path: Path) -> ImageInput:
    """Return the one input of the network in `path`, which must be a batch of square RGB images.

    Raises:
        ModelError: it is something else.
    """
    if len(inputs) != 1:
        raise ModelError("{path} takes {inputs}, expected a single input, the image", path=path, inputs=_listed(inputs))
    (tensor,) = inputs
    if tensor.type not in NUMPY_TYPES or len(tensor.shape) != 4 or 3 not in (tensor.shape[1], tensor.shape[3]):
        raise ModelError(
            "{path} takes {tensor}, which is no batch of RGB images: expected [n, 3, size, size] or [n, size, size, 3]",
            path=path,
            tensor=tensor,
        )
    channels_first = tensor.shape[1] == 3
    sides = {side for side in (tensor.shape[2:] if channels_first else tensor.shape[1:3]) if isinstance(side, int)}
    if len(sides) > 1:
        raise ModelError(
            "{path} takes {tensor}, expected square images: export it for square ones", path=path, tensor=tensor
        )
    batch = tensor.shape[0] if isinstance(tensor.shape[0], int) else None
    return ImageInput(tensor.name, tensor.type, channels_first, batch, sides.pop() if sides else None)


def embedding_output(outputs: Sequence[TensorInfo], named: str, path: Path) -> str:
    """Return the name of the output of the network in `path` that is the embedding.

    Args:
        outputs: all of them.
        named: the one asked for, or "" to take the only one that can be an embedding.
        path: for the message.

    Raises:
        ModelError: there is none of that name, or several can be the embedding.
    """
    names = [tensor.name for tensor in outputs]
    if named:
        if named not in names:
            raise ModelError(
                "{path} has no output {named!r}: choose one of {names}", path=path, named=named, names=", ".join(names)
            )
        return named
    candidates = names if len(names) == 1 else [tensor.name for tensor in outputs if _may_be_embedding(tensor)]
    if len(candidates) != 1:
        raise ModelError(
            "{path} puts out {outputs}: say which output is the embedding, --output NAME, or for this model alone "
            "--model {name},output=NAME",
            path=path,
            outputs=_listed(outputs),
            name=path.name,
        )
    return candidates[0]


def _may_be_embedding(tensor: TensorInfo) -> bool:
    """Return whether an output is one vector an image; one number an image, such as its norm, is none."""
    if len(tensor.shape) > 1 and tensor.shape[1] == 1:
        return False
    return tensor.type in ("float", "float16", "double") and (
        len(tensor.shape) == 2 or (len(tensor.shape) == 4 and tensor.shape[2:] == (1, 1))
    )


def _listed(tensors: Sequence[TensorInfo]) -> str:
    return "; ".join(map(str, tensors)) or "nothing"
