"""Packs as InsightFace has them, of networks that a test makes."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from faces.detectors.scrfd_networks import seeing


def recogniser(path: Path, *, dimension: int = 32, size: int = 112, inside: bool = False, uint8: bool = False) -> Path:
    """Write a network with the shapes of ArcFace; `inside`: it begins with Sub and Mul, as those of MXNet do."""
    side = size // 8
    weights = np.random.default_rng(dimension).normal(size=(3 * side * side, dimension)).astype(np.float32)
    values = [numpy_helper.from_array(weights, "weights")]
    nodes = [helper.make_node("Cast", ["input.1"], ["pixels"], to=TensorProto.FLOAT)]
    value = "pixels"
    if inside:
        values += [numpy_helper.from_array(np.array(number, np.float32), name) for number, name in HALF]
        nodes += [
            helper.make_node("Sub", [value, "half"], ["less"]),
            helper.make_node("Mul", ["less", "by"], ["small"]),
        ]
        value = "small"
    nodes += [
        helper.make_node("AveragePool", [value], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["683"]),
    ]
    return _write(path, nodes, values, [1, 3, size, size], ["683"], [dimension], uint8=uint8)


HALF = ((127.5, "half"), (1 / 128, "by"))


def other(path: Path, *, size: int, outputs: int) -> Path:
    """Write a network with the shapes of those of a pack that find landmarks, age or sex."""
    names = [f"fc{i}" for i in range(outputs)]
    nodes = [helper.make_node("ReduceMean", ["input.1"], [name], axes=[2, 3], keepdims=0) for name in names]
    return _write(path, nodes, [], ["None", 3, size, size], names, [3] * outputs)


def buffalo(folder: Path) -> Path:
    """Write a pack with the files of buffalo_l."""
    folder.mkdir(parents=True)
    seeing(folder / "det_10g.onnx", 640)
    recogniser(folder / "w600k_r50.onnx")
    other(folder / "1k3d68.onnx", size=192, outputs=1)
    other(folder / "2d106det.onnx", size=192, outputs=1)
    other(folder / "genderage.onnx", size=96, outputs=1)
    return folder


def with_manifest(folder: Path, **recognition: object) -> Path:
    """Write a pack with a manifest of version 2; `recognition`: further keys of that task."""
    (folder / "models").mkdir(parents=True)
    seeing(folder / "models" / "find.onnx", 640)
    file = recogniser(folder / "models" / "recognise.onnx", inside=recognition.get("preprocessing") == "embedded")
    recogniser(folder / "models" / "verify.onnx", dimension=2)
    manifest = {
        "manifest_version": 2,
        "model_id": "raccoon_made",
        "license": "MODEL.LICENSE",
        "tasks": {
            "detection": {"file": "models/find.onnx"},
            "verification": {"file": "models/verify.onnx", "preprocessing": "embedded"},
            "recognition": {
                "file": "models/recognise.onnx",
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "embedding_dimension": 32,
                **recognition,
            },
        },
    }
    (folder / "MODEL.LICENSE").write_text("of the tests")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def zipped(folder: Path, place: Path, *, inside: str = "") -> Path:
    """Write a ZIP file with what a folder holds, below the folder `inside` of it."""
    with zipfile.ZipFile(place, "w") as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, Path(inside) / path.relative_to(folder))
    shutil.rmtree(folder)
    return place


def _write(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    values: Sequence[onnx.TensorProto],
    shape: Sequence[int | str],
    outputs: Sequence[str],
    widths: Sequence[int],
    *,
    uint8: bool = False,
) -> Path:
    shown = helper.make_tensor_value_info("input.1", TensorProto.UINT8 if uint8 else TensorProto.FLOAT, shape)
    given = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [shape[0], width])
        for name, width in zip(outputs, widths, strict=True)
    ]
    graph = helper.make_graph(nodes, "of_pack", [shown], given, values)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path
