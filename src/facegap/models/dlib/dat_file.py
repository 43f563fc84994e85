"""Face networks in dlib's file format, read without dlib.

A file holds the loss, then the version of every layer from the last to the first, then the input and the layers from
the first to the last. What is read here is the one shape that dlib's face networks have, with the counts that the
file says: a convolution, a max pool, residual blocks, an average pool and a matrix.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np

from facegap.models.dlib.architecture import SIZE, Block, Convolution, DlibNetwork, Pair, Pool, Shape
from facegap.models.dlib.values import DlibReader
from facegap.run.text import either

TAG_OR_SKIP, LAYER, FIRST_LAYER = 1, 2, 3
"""What the version of a layer says about its kind."""

MOST_LAYERS = 1000
MOST_NUMBERS = 2**22
"""Numbers in a layer's output for one image, beyond which a file is refused; dlib's network has 165,888 at most."""


def read_face_network(content: bytes, path: Path) -> DlibNetwork:
    """Return the network in the bytes of the file `path`.

    Raises:
        ModelError: they hold something else, or less, or more.
    """
    reader = DlibReader(content, path)
    reader.expect(1, "a loss of version")
    reader.expect("loss_metric_2", "the loss")
    reader.reals(2)
    layers = _Layers(reader, _versions(reader))
    averages = _input(reader)
    stem = layers.convolution((3, SIZE, SIZE), relu=True)
    pool = layers.pool("max", stem.output)
    blocks = [layers.block(pool.output)]
    while layers.marked():
        blocks.append(layers.block(blocks[-1].output))
    last_pool = layers.pool("avg", blocks[-1].output)
    weights, bias = layers.dense(math.prod(last_pool.output))
    layers.end()
    reader.end()
    return DlibNetwork(averages, stem, pool, tuple(blocks), last_pool, weights, bias)


def _versions(reader: DlibReader) -> list[int]:
    """Return the versions of the layers, last layer first."""
    versions = []
    while not versions or versions[-1] != FIRST_LAYER:
        version = reader.integer()
        if version not in (TAG_OR_SKIP, LAYER, FIRST_LAYER) or len(versions) == MOST_LAYERS:
            reader.fail(
                "layer {n_versions} from the end is of version {version}", n_versions=len(versions), version=version
            )
        versions.append(version)
    return versions


def _input(reader: DlibReader) -> tuple[float, float, float]:
    reader.expect("input_rgb_image_sized", "the input")
    red, green, blue = (_shortest(reader.real()) for _ in range(3))
    if not all(map(math.isfinite, (red, green, blue))):
        reader.fail("the averages of the input are not finite")
    reader.expect(SIZE, "rows of the input")
    reader.expect(SIZE, "columns of the input")
    return red, green, blue


def _shortest(value: float) -> float:
    """Return the shortest number that is the same in float32, as which dlib holds it."""
    with np.errstate(over="ignore"):
        return float(str(np.float32(value)))


class _Layers:
    """Reads the layers, first layer first."""

    def __init__(self, reader: DlibReader, versions: list[int]) -> None:
        self._reader = reader
        self._versions = versions

    def end(self) -> None:
        if self._versions:
            self._reader.fail("{n__versions} more layers than a face network has", n__versions=len(self._versions))

    def marked(self) -> bool:
        """Say whether a tag or skip is next."""
        return self._versions[-1:] == [TAG_OR_SKIP]

    def block(self, shape: Shape) -> Block:
        self._mark()  # a tag on the block's input
        first = self.convolution(shape, relu=True)
        second = self.convolution(first.output, relu=False)
        shortcut = None
        if self.marked():
            self._mark()  # a tag on the second convolution
            self._mark()  # a skip, back to the block's input
            shortcut = self.pool("avg", shape)
        with self._layer("add_prev_"):
            pass
        other = shortcut.output if shortcut else shape
        channels, rows, columns = map(max, second.output, other)
        return Block(first, second, shortcut, self._relu(), self._small((channels, rows, columns)))

    def convolution(self, shape: Shape, *, relu: bool) -> Convolution:
        """Read a convolution of an input of `shape`, its scaling and, with `relu`, its rectifier."""
        reader = self._reader
        with self._layer("con_4", "con_5", "con_6") as name:
            parameters = _flat(reader.tensor())
            filters, rows, columns = reader.integers(3)
            stride, padding = self._pair(), self._pair()
            self._aliases((filters, shape[0], rows, columns), (1, filters, 1, 1))
            reader.reals(4)
            biased = reader.boolean() if name != "con_4" else True
            rectified = reader.boolean() if name == "con_6" else False
        output = (filters, *self._slide(shape, (rows, columns), stride, padding))
        weights, bias = self._split(parameters, (filters, shape[0], rows, columns), filters, biased)
        scale = self._affine(filters)
        if scale is not None:
            if rectified:
                reader.fail("a rectified convolution is scaled")
            gain, shift = scale
            weights, bias = weights * gain[:, None, None, None], bias * gain + shift
        if relu:
            rectified = self._relu() or rectified
        return Convolution(self._float32(weights), self._float32(bias), stride, padding, rectified, self._small(output))

    def pool(self, kind: Literal["max", "avg"], shape: Shape) -> Pool:
        with self._layer(f"{kind}_pool_2"):
            rows, columns = self._pair()
            stride, padding = self._pair(), self._pair()
        window = (rows or shape[1], columns or shape[2])
        output = (shape[0], *self._slide(shape, window, stride, padding))
        return Pool(kind, window, stride, padding, self._small(output))

    def dense(self, inputs: int) -> tuple[np.ndarray, np.ndarray]:
        """Read the last layer: weights (inputs, D) and bias (D,) float32."""
        reader = self._reader
        with self._layer("fc_2", "fc_3") as name:
            outputs = reader.integer()
            reader.expect(inputs, "inputs of the last layer")
            parameters = _flat(reader.tensor())
            self._aliases((inputs, outputs, 1, 1), (1, outputs, 1, 1))
            biased = reader.integer() == 0
            reader.reals(4)
            if name == "fc_3":
                biased &= reader.boolean()
        weights, bias = self._split(parameters, (inputs, outputs), outputs, biased)
        return self._float32(weights), self._float32(bias)

    def _affine(self, channels: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Read a scaling: gain and shift (channels,) float64, or None where it is switched off."""
        reader = self._reader
        with self._layer("affine_", "affine_2", "bn_con2") as name:
            parameters = _flat(reader.tensor())
            shapes = [reader.alias(), reader.alias()]
            means, variances = np.zeros(channels), np.ones(channels)
            if name == "bn_con2":
                means, variances = self._statistics(channels)
            else:
                reader.expect(0, "a scaling by channel, mode")
            if name == "affine_2" and reader.boolean():
                return None
        if shapes != [(1, channels, 1, 1)] * 2 or len(parameters) != 2 * channels:
            reader.fail("a scaling is not of {channels} channels", channels=channels)
        gain, shift = parameters.reshape(2, channels)
        gain = gain / np.sqrt(variances)
        return gain, shift - gain * means

    def _statistics(self, channels: int) -> tuple[np.ndarray, np.ndarray]:
        """Read what a batch normalisation saw in training: means and variances (channels,) float64."""
        _, _, means, variances = (_flat(self._reader.tensor()) for _ in range(4))
        self._reader.integers(2)
        *_, epsilon = self._reader.reals(5)
        variances = variances + epsilon
        if len(means) != channels or len(variances) != channels or not (variances > 0).all():
            self._reader.fail("a normalisation is not of {channels} channels with variances above 0", channels=channels)
        return means, variances

    def _relu(self) -> bool:
        """Read a rectifier: whether it is switched on."""
        with self._layer("relu_", "relu_2") as name:
            return name == "relu_" or not self._reader.boolean()

    def _mark(self) -> None:
        if not self.marked():
            self._reader.fail("the layers are not in the order of a face network")
        self._versions.pop()

    @contextmanager
    def _layer(self, *names: str) -> Iterator[str]:
        """Enter a layer that is called one of `names`, and read what dlib's trainer keeps with it on leaving."""
        reader = self._reader
        if not self._versions or self.marked():
            reader.fail("the layers are not in the order of a face network")
        version = self._versions.pop()
        name = reader.text()
        if name not in names:
            reader.fail("expected a layer {names}, found {name!r}", names=either(names), name=name)
        yield name
        for _ in range(3):
            reader.boolean()
        for _ in range(3):
            reader.tensor()
        if version == FIRST_LAYER:
            reader.integer()

    def _pair(self) -> Pair:
        down, across = self._reader.integers(2)
        return down, across

    def _aliases(self, weights: tuple[int, ...], bias: tuple[int, ...]) -> None:
        """Take the shapes of a layer's weights and bias; a layer without bias may leave the latter empty."""
        if (found := self._reader.alias()) != weights:
            self._reader.fail("expected weights of shape {weights}, found {found}", weights=weights, found=found)
        if (found := self._reader.alias()) not in (bias, (0, 0, 0, 0)):
            self._reader.fail("expected a bias of shape {bias}, found {found}", bias=bias, found=found)

    def _split(
        self, parameters: np.ndarray, shape: tuple[int, ...], outputs: int, biased: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return weights of `shape` and bias (outputs,), float64, of a layer's parameters."""
        count, biases = math.prod(shape), outputs if biased else 0
        if min(shape) < 1 or len(parameters) != count + biases:
            self._reader.fail(
                "expected {count:,} parameters in a layer, found {n_parameters:,}",
                count=count + biases,
                n_parameters=len(parameters),
            )
        weights = parameters[:count].reshape(shape)
        return weights, parameters[count:] if biased else np.zeros(outputs)

    def _slide(self, shape: Shape, window: Pair, stride: Pair, padding: Pair) -> Pair:
        """Return how often a window fits into rows and columns."""
        counts = []
        for length, wide, step, margin in zip(shape[1:], window, stride, padding, strict=True):
            fits = 1 <= step <= SIZE and 0 <= margin < wide <= min(SIZE, length + 2 * margin)
            count = 1 + (length + 2 * margin - wide) // step if fits else 0
            if not 1 <= count <= SIZE:
                self._reader.fail(
                    "a window of {wide} in steps of {step}, padded by {margin}, fits no map of {length}",
                    wide=wide,
                    step=step,
                    margin=margin,
                    length=length,
                )
            counts.append(count)
        return counts[0], counts[1]

    def _small(self, shape: Shape) -> Shape:
        if math.prod(shape) > MOST_NUMBERS:
            self._reader.fail("an output of {prod:,} numbers an image is none of a face network", prod=math.prod(shape))
        return shape

    def _float32(self, values: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            rounded = values.astype(np.float32)
        if not np.isfinite(rounded).all():
            self._reader.fail("its scalings are too large")
        return rounded


def _flat(tensor: np.ndarray) -> np.ndarray:
    """Return the numbers of a tensor in float64, for what is computed of them is rounded once."""
    return tensor.ravel().astype(np.float64)
