"""dlib's file format: every version of its records, and whatever else a file may hold."""

import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import checker

from facegap.data.spec import ModelSpec
from facegap.data.weights import FACE_NETWORK, dlib_weights
from facegap.errors import ModelError
from facegap.models.dlib import dat_file
from facegap.models.dlib.architecture import DlibNetwork
from facegap.models.dlib.dat_file import read_face_network
from facegap.models.dlib.graph import face_graph
from facegap.models.dlib.values import DlibReader
from facegap.models.onnx.onnx_model import OnnxModel
from models.dlib.dlib_writer import STYLES, Style, Writer, alias, integer, integers, real, reals, text

PATH = Path("weights.dat")
SMALL = Writer().content
CROPS = np.random.default_rng(7).integers(0, 256, (3, 150, 150, 3), dtype=np.uint8)
LARGEST = b"\x88" + b"\xff" * 8, b"\x08" + b"\xff" * 8, integer(2**31), integer(2**32 + 1), integer(10**6)


def embed(network: DlibNetwork, crops: np.ndarray = CROPS) -> np.ndarray:
    dimension = len(network.bias)
    spec = ModelSpec(
        "small", "onnxruntime", "", "dlib-150", 150, dimension, "euclidean", mean=network.averages, std=(256.0,) * 3
    )  # fmt: skip
    return OnnxModel(PATH, spec, content=face_graph(network).SerializeToString()).embed(crops)


def refused(content: bytes, says: str) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        read_face_network(content, PATH)
    assert str(caught.value).startswith("weights.dat is damaged or no face network of dlib (")
    assert len(str(caught.value).splitlines()) == 1


def swapped(old: bytes, new: bytes, content: bytes = SMALL) -> bytes:
    assert old in content
    return content.replace(old, new, 1)


def test_the_public_weights() -> None:
    path = dlib_weights(FACE_NETWORK)
    network = read_face_network(path.read_bytes(), path)
    assert network.averages == (122.782, 117.001, 104.298)
    assert (network.stem.output, network.pool.output) == ((32, 72, 72), (32, 35, 35))
    outputs = [block.output for block in network.blocks]
    plan = [(32, 35, 3), (64, 17, 4), (128, 8, 3), (256, 4, 3), (256, 2, 1)]
    assert outputs == [(channels, side, side) for channels, side, count in plan for _ in range(count)]
    assert [k for k, block in enumerate(network.blocks) if block.shortcut] == [3, 7, 10, 13]
    assert (network.last_pool.output, network.weights.shape, network.bias.any()) == ((256, 1, 1), (256, 128), False)
    checker.check_model(face_graph(network), full_check=True)


@pytest.mark.parametrize("bias", [False, True])
def test_every_version_of_the_records_gives_the_same_network(bias: bool) -> None:
    expected = embed(read_face_network(Writer(bias=bias).content, PATH))
    assert np.abs(np.diff(expected, axis=0)).min() > 1e-3
    for style in STYLES:
        found = embed(read_face_network(Writer(style, bias=bias).content, PATH))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_a_bias_and_the_dimension_come_from_the_file() -> None:
    assert read_face_network(Writer(bias=True, dimension=9).content, PATH).bias.all()
    assert embed(read_face_network(Writer(dimension=9).content, PATH)).shape == (3, 9)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "1 bytes should follow, 0 do"),
        (SMALL + b"\0", "1 bytes follow the network"),
        (SMALL[:-1], "1 bytes should follow, 0 do"),
        (swapped(text("loss_metric_2"), text("loss_multiclass_log_")), "expected the loss 'loss_metric_2', found"),
        (swapped(text("con_4"), text("con_3")), "expected a layer con_4 or con_5 or con_6, found 'con_3'"),
        (swapped(text("relu_"), text("prelu_")), "expected a layer relu_ or relu_2, found 'prelu_'"),
        (swapped(text("add_prev_"), text("mult_prev_")), "expected a layer add_prev_, found 'mult_prev_'"),
        (swapped(text("max_pool_2"), text("avg_pool_2")), "expected a layer max_pool_2"),
        (swapped(integers(150, 150), integers(150, 151)), "expected columns of the input 150, found 151"),
        (swapped(real(122.5), integers(1, 32_000)), "averages of the input are not finite"),
        (swapped(real(122.5), integers(1, 10**9)), "is too large"),
        (swapped(integers(2, 2, 2, 2, 1), integers(2, 2, 2, 1, 2)), "the layers are not in the order"),
        (swapped(integers(2, 3), integers(2, 2, 2, 3)), "the layers are not in the order|expected a layer"),
        (swapped(integers(2, 3), integers(4, 3)), "is of version 4"),
        (swapped(integers(2, 3), integer(2) * 2000 + integer(3)), "layer 1,000 from the end is of version 2"),
        (swapped(alias(4, 3, 7, 7), alias(3, 4, 7, 7)), "expected weights of shape"),
        (swapped(alias(1, 4, 1, 1), alias(1, 5, 1, 1)), "expected a bias of shape"),
        (swapped(integers(4, 7, 7, 2, 2), integers(4, 7, 7, 0, 2)), "a window of 7 in steps of 0, padded by 0, fits"),
        (swapped(integers(4, 7, 7, 2, 2, 0), integers(4, 7, 7, 2, 2, 7)), "padded by 7, fits no map of 150"),
        (swapped(integers(3, 3, 2, 2, 0, 0), integers(2**40, 3, 2, 2, 2**39, 0)), "fits no map of 72"),
        (swapped(integers(3, 3, 2, 2, 0, 0), integers(99, 3, 2, 2, 0, 0)), "fits no map of 72"),
        (swapped(b"110", b"11x"), "expected 0 or 1, found the byte 0x78"),
        (swapped(integer(5), integer(0), Writer(dimension=5).content[-400:]), "expected"),
        (swapped(text("avg_pool_2") + integers(0, 0), text("avg_pool_2") + integers(2, 0)), "inputs of the last layer"),
    ],
)  # fmt: skip
def test_what_is_no_face_network_is_one_line(content: bytes, says: str) -> None:
    refused(content, says)


def test_numbers_that_are_not_finite() -> None:
    start = SMALL.index(text("con_4") + integer(2)) + len(text("con_4") + integers(2, 592, 1, 1, 1))
    refused(SMALL[:start] + np.float32(np.nan).tobytes() + SMALL[start + 4 :], "numbers that are not finite")


def test_a_variance_below_zero() -> None:
    content = Writer("trained").content
    refused(swapped(reals(1, 0, 1, 0, 1e-4), reals(1, 0, 1, 0, -9), content), "with variances above 0")
    refused(
        swapped(reals(1, 0, 1, 0, 1e-4), reals(1, 0, 1, 0) + integers(0, 32_002), content), "with variances above 0"
    )


def test_a_scaling_beyond_float32() -> None:
    content = Writer("trained").content
    variances = np.linspace(0.5, 2, 4).astype("<f4").tobytes()
    none = swapped(variances, np.zeros(4, "<f4").tobytes(), content)
    refused(swapped(reals(1, 0, 1, 0, 1e-4), reals(1, 0, 1, 0, 1e-90), none), "its scalings are too large")


def test_a_network_that_would_take_all_memory_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dat_file, "MOST_NUMBERS", 4 * 72 * 72 - 1)
    refused(SMALL, "an output of 20,736 numbers an image is none of a face network")


@pytest.mark.parametrize("shape", [(2**62, 2**62, 4, 4), (2**40, 1, 1, 1), (0, 2**63, 2**63, 1), (-1, -1, 1, 1)])
def test_a_tensor_takes_no_more_than_the_file_holds(shape: tuple[int, ...]) -> None:
    content = integers(2, *shape) + bytes(1000)
    tracemalloc.start()
    try:
        if 0 in shape:
            assert DlibReader(content, PATH).tensor().size == 0
        else:
            with pytest.raises(ModelError):
                DlibReader(content, PATH).tensor()
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@given(value=st.integers(-(2**64) + 1, 2**64 - 1))
def test_integers(value: int) -> None:
    reader = DlibReader(integer(value), PATH)
    assert reader.integer() == value
    reader.end()


@given(value=st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False))
def test_reals(value: float) -> None:
    assert DlibReader(real(value), PATH).real() == value


def check(content: bytes) -> None:
    """It is refused, or is a network that runs; and either takes little memory."""
    network = None
    tracemalloc.start()
    with suppress(ModelError):
        network = read_face_network(content, PATH)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000 + 40 * len(content)
    if network:
        assert embed(network, CROPS[:1]).shape == (1, len(network.bias))


@given(style=st.sampled_from(STYLES), share=st.floats(0, 1, exclude_max=True))
def test_every_shortened_file_is_refused(style: Style, share: float) -> None:
    content = Writer(style).content
    with pytest.raises(ModelError):
        read_face_network(content[: int(share * len(content))], PATH)


def places(content: bytes) -> st.SearchStrategy[int]:
    """Any byte, but mostly one that is no weight: the numbers between the tensors decide what is read."""
    names = [
        at for at in range(len(content) - 4) if content[at : at + 4] in (b"con_", b"affi", b"relu", b"avg_", b"fc_2")
    ]
    near = st.builds(lambda at, by: (at + by) % len(content), st.sampled_from(names), st.integers(-40, 80))
    return st.one_of(st.integers(0, 300), near, st.integers(0, len(content) - 1))


@settings(max_examples=150, deadline=None)
@given(data=st.data(), style=st.sampled_from(STYLES))
def test_changed_bytes(data: st.DataObject, style: Style) -> None:
    content = bytearray(Writer(style).content)
    for at in data.draw(st.lists(places(content), min_size=1, max_size=3)):
        content[at] = data.draw(st.integers(0, 255))
    check(bytes(content))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), huge=st.sampled_from(LARGEST))
def test_huge_lengths(data: st.DataObject, huge: bytes) -> None:
    starts = [at for at in range(len(SMALL)) if 1 <= SMALL[at] <= 8]
    at = data.draw(st.sampled_from(starts))
    check(SMALL[:at] + huge + SMALL[at + 1 + SMALL[at] :])


@given(content=st.binary(max_size=200), prefix=st.integers(0, 400))
def test_arbitrary_bytes(content: bytes, prefix: int) -> None:
    check(SMALL[:prefix] + content)


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 1500), value=st.integers(0, 255), keep=st.floats(0, 1))
def test_the_public_weights_damaged(at: int, value: int, keep: float) -> None:
    content = bytearray(dlib_weights(FACE_NETWORK).read_bytes())
    content[at] = value
    content = bytes(content[: int(keep * len(content))])
    with pytest.raises(ModelError):
        read_face_network(content[:-1], PATH)
