"""Memory is bounded whatever small files declare."""

import random
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import polars as pl
import pytest
from onnx import TensorProto, helper

import facegap
from facegap.data.image_file import formats
from facegap.datasets import read
from facegap.errors import InputError, ModelError
from facegap.faces import FaceOptions, Unreadable, decode
from facegap.faces.decode import load
from facegap.models import parse_model
from facegap.report.text.failures import detail_text
from facegap.synthetic import write_population
from hardening.hostile import jpeg2000, large_but_allowed, made, png, tiff, webp, write
from hardening.test_images import SEEDS, mutated

TOLD = re.compile(r"--max-pixels|not an image|cannot be decoded|scans|is a program")

PEAK = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "facegap", *sys.argv[1:]])
print("PEAK", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(done.returncode)
"""
"""Runs facegap and prints the peak memory of the largest of its processes in MiB."""


def run(*command: str | Path) -> tuple[int, int, str]:
    """Return exit code, peak memory in MiB and output of a command of facegap."""
    done = subprocess.run([sys.executable, "-c", PEAK, *command], capture_output=True, text=True)
    peak = re.search(r"PEAK (\d+)", done.stdout)
    assert peak, done.stderr
    return done.returncode, int(peak[1]), done.stdout + done.stderr


@pytest.mark.parametrize("name", made())
def test_what_declares_too_much_is_refused_with_its_reason(name: str) -> None:
    with pytest.raises(Unreadable, match=TOLD):
        load(made()[name](), max_side=2048)


@pytest.mark.parametrize(
    "data",
    [webp(b"VP8X", 12_000, 12_000), jpeg2000(13_000, 13_000, 3), tiff(13_000, 13_000, bits=32, samples=1, float_=True),
     tiff(64, 64, bits=8, samples=3, tile=30_000)],
    ids=["webp", "jpeg 2000", "float tiff", "tile"],
)  # fmt: skip
def test_the_reason_gives_pixels_bytes_and_the_option(data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"its [\d,]+ pixels would take [\d,]+ bytes to decode, more than 900,000,000"):
        load(data, max_side=2048)


def test_max_pixels_is_the_users_to_choose(tmp_path: Path, model, photo) -> None:
    """64 x 48 pixels are one too many for 3,071, and count as a failure with that reason."""
    (tmp_path / "people").mkdir()
    for name in ("ann_1", "ann_2", "bob_1"):
        (tmp_path / "people" / f"{name}.png").write_bytes(photo())
    (tmp_path / "people" / "eve_1.png").write_bytes(png(100, 100, 8, 2))
    study = facegap.Study(
        inputs=[tmp_path / "people"], models=[model], store=tmp_path / "store", faces=FaceOptions(max_pixels=5_000)
    )
    (failure,) = facegap.evaluate(study).failures.iter_rows(named=True)
    assert "it has 10,000 pixels, more than the 5,000 of --max-pixels" in detail_text(failure)
    assert decode(photo(), max_pixels=64 * 48 * 4).shape == (48, 64, 3)


def test_npz_is_read_within_a_budget(tmp_path: Path) -> None:
    path = tmp_path / "zeros.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("embedding.npy", "w") as member:
        header = {"descr": "<f4", "fortran_order": False, "shape": (1_000_000, 100)}
        np.lib.format.write_array_header_1_0(member, header)
        for _ in range(400):
            member.write(bytes(10**6))
    with pytest.raises(InputError, match=r"has [\d,]+ bytes, but its contents take 400,000,128"):
        read([path])


def test_a_table_is_read_within_a_budget(tmp_path: Path) -> None:
    path = tmp_path / "equal.parquet"
    rows = 20_000_000
    pl.select(path=pl.repeat("a.png", rows), subject=pl.repeat("b", rows)).write_parquet(path, row_group_size=rows)
    assert path.stat().st_size < 20_000
    code, peak, said = run("evaluate", path, "--model", "dlib", "-o", tmp_path / "report")
    assert (code, peak < 1_500) == (2, True), (peak, said)
    assert "its contents take 4," in said


def network(tmp_path: Path, nodes: list, *, size: str = "16", batch: int | str = "n") -> Path:
    """Write a network of some nodes from `image` to `embedding`."""
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 3, "h", "w"])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, "d"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    contract = {"crop": "whole", "size": size, "mean": "0,0,0", "std": "1,1,1", "comparator": "cosine"}
    helper.set_model_props(model, {f"facegap.{key}": value for key, value in contract.items()})
    path = tmp_path / f"net{size}{batch}.onnx"
    onnx.save(model, path)
    return path


MEAN = [helper.make_node("ReduceMean", ["image"], ["embedding"], axes=[2, 3], keepdims=0)]


@pytest.mark.parametrize("size", ["20000", "1025", "0", "-1"])
def test_the_metadata_of_a_network_cannot_ask_for_any_crop(size: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"size {size} is not a number of pixels from 1 to 1024"):
        parse_model(str(network(tmp_path, MEAN, size=size)))


def test_a_network_cannot_ask_for_any_batch(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="takes 1,000,000,000 images at once"):
        parse_model(str(network(tmp_path, MEAN, batch=1_000_000_000)))


def test_a_network_that_takes_all_memory_is_one_line(tmp_path: Path) -> None:
    """It makes an output of 2 x 40 billion numbers."""
    wide = helper.make_tensor("wide", TensorProto.INT64, [2], [1, 40_000_000_000])
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Constant", [], ["shape"], value=wide),
        helper.make_node("Constant", [], ["axes"], value=helper.make_tensor("a", TensorProto.INT64, [1], [1])),
        helper.make_node("Unsqueeze", ["mean", "axes"], ["column"]),
        helper.make_node("Expand", ["column", "shape"], ["embedding"]),
    ]
    with pytest.raises(ModelError, match=r"net16n\.onnx") as caught:
        parse_model(str(network(tmp_path, nodes)))
    assert len(str(caught.value).splitlines()) == 1


def campaign(folder: Path, out: Path) -> None:
    """Evaluate a folder of people and hostile files; every one of those is listed, within the memory promised.

    Those called `damaged` may still be pictures, of nobody.
    """
    code, peak, said = run("evaluate", folder, "--model", "dlib", "-o", out, "--store", out / "store", "--workers", "2")
    assert code == 0, said
    print(f"peak {peak} MiB")
    assert peak * 2**20 < 1.5e9, peak
    failures = facegap.Evaluation.from_json((out / "evaluation.json").read_bytes()).failures
    listed = {Path(row["path"]).name: row for row in failures.iter_rows(named=True)}
    hostile = {path.name for path in folder.iterdir() if not path.name.startswith("person")}
    assert len(hostile) >= 1_000
    assert hostile <= listed.keys()
    assert all(row["detail"] for name, row in listed.items() if not name.startswith("damaged"))
    assert all(row["detail"] or row["outcome"] == "no face" for row in listed.values())


@pytest.mark.slow
def test_a_run_over_a_thousand_hostile_images_stays_within_its_memory(tmp_path: Path, shared_dir: Path, photo) -> None:
    folder = tmp_path / "people"
    write_population(tmp_path / "drawn", subjects=3, images=2, spread=0.8, seed=0)
    write({**made(), **large_but_allowed()}, folder)
    assert len(made()) >= 50
    rng, seeds = random.Random(3), [photo(kind, **options) for kind, options in SEEDS if kind in formats()]
    for number in range(1_000 - len(made())):
        (folder / f"damaged{number}_1.jpg").write_bytes(mutated(rng.choice(seeds), rng))
    for number, path in enumerate(sorted((tmp_path / "drawn").rglob("*.jpg"))):
        (folder / f"person{number // 2}_{number}.jpg").write_bytes(path.read_bytes())
    for path in (shared_dir / "cases" / "hostile").glob("*"):
        if path.suffix in (".jp2", ".jpg", ".png"):
            (folder / path.name).write_bytes(path.read_bytes())
    campaign(folder, tmp_path / "report")
