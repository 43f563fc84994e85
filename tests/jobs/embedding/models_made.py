"""Models that embed next to nothing, and what they are compared by."""

from pathlib import Path

import numpy as np
import onnx
import polars as pl
from onnx import TensorProto, helper, numpy_helper

import facegap
from facegap.data.comparator import Comparator
from facegap.models import ModelSource

SIZE = 32


def model(name: str, crop: str = "whole", function=None) -> facegap.Model:
    """Return a model whose embeddings are the mean colours of a crop's rows."""
    spec = facegap.ModelSpec(
        name=name, runtime="python", weights=name, crop=crop, size=SIZE, dimension=SIZE * 3,
        comparator=Comparator.COSINE,
    )  # fmt: skip
    return facegap.Model(embed=function or rows, spec=spec)


def rows(crops: np.ndarray) -> np.ndarray:
    return crops.mean(axis=2).reshape(len(crops), -1).astype(np.float32)


def source(folder: Path, name: str, crop: str) -> ModelSource:
    """Return a network in an ONNX file that makes five numbers of a crop's mean colour."""
    weights = np.random.default_rng(len(name)).normal(size=(3, 5)).astype(np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["colour"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["colour", "weights"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 5])],
        [numpy_helper.from_array(weights, "weights")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    contract = {"crop": crop, "size": SIZE, "mean": "0,0,0", "std": "1,1,1", "comparator": "cosine"}
    helper.set_model_props(made, {f"facegap.{key}": str(value) for key, value in contract.items()})
    onnx.save(made, folder / f"{name}.onnx")
    return facegap.parse_model(str(folder / f"{name}.onnx"))


def of_files(folder: Path) -> facegap.Manifest:
    """Return the files of a folder as images of one subject."""
    paths = sorted(str(path) for path in folder.iterdir())
    frame = pl.DataFrame({"path": paths, "subject": ["one"] * len(paths), "cohort": ["all of them"] * len(paths)})
    return facegap.Manifest(frame, ("all of them",), "files")


def same(a: facegap.Embeddings, b: facegap.Embeddings) -> bool:
    return (
        a.vectors.tobytes() == b.vectors.tobytes()
        and a.box.tobytes() == b.box.tobytes()
        and a.outcome.tobytes() == b.outcome.tobytes()
        and a.detail == b.detail
    )


CROPS = {"a": "dlib-150", "b": "arcface-112", "c": "whole"}
