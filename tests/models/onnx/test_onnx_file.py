"""What is read from an ONNX file, and the files that are refused."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from facegap.data.statement import in_english
from facegap.errors import ModelError
from facegap.models import parse_model
from facegap.models.onnx.inspection import inspect_onnx
from facegap.models.onnx.onnx_file import read_onnx
from facegap.models.onnx.tensors import TensorInfo

Build = Callable[..., Path]
CONTRACT = {
    "facegap.crop": "whole",
    "facegap.size": "16",
    "facegap.comparator": "cosine",
    "facegap.mean": "0,0,0",
    "facegap.std": "1,1,1",
}


def test_inspection(build_onnx: Build) -> None:
    path = build_onnx(metadata=CONTRACT | {"signature": "S"}, more_outputs={"map": ["n", 3, 16, 16]})
    inspection = inspect_onnx(path)
    file = inspection.file
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert file.inputs == (TensorInfo("image", "float", ("n", 3, 16, 16)),)
    assert file.outputs == (TensorInfo("embedding", "float", ("n", 5)), TensorInfo("map", "float", ("n", 3, 16, 16)))
    assert (file.opset, file.producer, file.external) == (17, "tests", ())
    assert file.metadata["signature"] == "S"
    assert inspection.contract is not None
    assert inspection.contract.size == 16
    assert in_english(inspection.note) == "contract from the metadata in the file"


def test_inspection_says_why_there_is_no_contract(build_onnx: Build) -> None:
    inspection = inspect_onnx(build_onnx(size=100))
    assert inspection.contract is None
    assert "takes 100 x 100 pixels and does not say with which crop" in inspection.problem
    assert inspect_onnx(build_onnx(size=112), preset="arcface").contract is not None


def test_inspection_of_a_detector(shared_dir: Path) -> None:
    inspection = inspect_onnx(shared_dir / "models" / "yunet_n_dynamic.onnx")
    assert inspection.contract is None
    assert len(inspection.file.outputs) == 12


def test_digest_covers_external_data(build_onnx: Build, tmp_path: Path) -> None:
    path = build_onnx(metadata=CONTRACT, external="weights.bin")
    before = read_onnx(path)
    assert before.external == ("weights.bin",)
    data = tmp_path / "weights.bin"
    data.write_bytes(bytes([data.read_bytes()[0] ^ 1]) + data.read_bytes()[1:])
    assert read_onnx(path).sha256 != before.sha256


def test_missing_external_data(build_onnx: Build, tmp_path: Path) -> None:
    path = build_onnx(metadata=CONTRACT, external="weights.bin")
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(ModelError, match=r"keeps weights in 'weights\.bin', which is missing: put that file beside it"):
        parse_model(str(path))


@pytest.mark.parametrize("location", ["../secret.bin", "sub/../../secret.bin", "/etc/hostname", "..\\secret.bin", ""])
@pytest.mark.parametrize("nested", [False, True])
def test_external_data_outside_the_folder_is_refused(
    build_onnx: Build, tmp_path: Path, location: str, nested: bool
) -> None:
    (tmp_path.parent / "secret.bin").write_bytes(bytes(4096))
    path = build_onnx(metadata=CONTRACT)
    model = onnx.load(path)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    if nested:
        branch = helper.make_graph([], "branch", [], [], [tensor])
        del model.graph.initializer[0]
        model.graph.node.append(helper.make_node("If", ["c"], ["o"], then_branch=branch, else_branch=branch))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"outside its folder.*refused|which is missing"):
        parse_model(str(path))


@pytest.mark.parametrize("content", [b"", b"not a network", bytes(100), b"<html></html>"])
def test_other_files_are_refused(tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="damaged or not an ONNX file"):
        parse_model(str(path))
    assert capfd.readouterr() == ("", "")


def test_truncated_file(build_onnx: Build) -> None:
    path = build_onnx(metadata=CONTRACT)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ModelError, match="damaged"):
        parse_model(str(path))


def test_what_onnx_runtime_refuses_is_one_silent_line(build_onnx: Build, capfd: pytest.CaptureFixture[str]) -> None:
    path = build_onnx(metadata=CONTRACT)
    model = onnx.load(path)
    model.graph.node[1].op_type = "MeanOfNothing"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="cannot be loaded by ONNX Runtime: ") as caught:
        parse_model(str(path))
    assert len(str(caught.value).splitlines()) == 1
    assert capfd.readouterr() == ("", "")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be read .*: check the path"):
        parse_model(str(tmp_path / "absent.onnx"))
