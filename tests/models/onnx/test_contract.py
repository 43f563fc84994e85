"""Where a contract comes from, and the ones that are refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from msgspec import structs

from facegap.data.comparator import Comparator
from facegap.data.statement import in_english
from facegap.errors import ModelError
from facegap.models import PRESETS, Contract, contract_metadata, parse_model
from facegap.models.onnx.contract import contract_from_metadata

Build = Callable[..., Path]

METADATA = {
    "facegap.crop": "arcface-112",
    "facegap.size": "112",
    "facegap.mean": "[1, 2.5, 3]",
    "facegap.std": "4, 5, 6.5",
    "facegap.comparator": "euclidean",
    "facegap.colour": "BGR",
    "facegap.threshold": "1.25",
    "facegap.licence": "MIT",
    "facegap.output": "embedding",
    "facegap.dimension": "5",
}
TOML = """
crop = "arcface-112"
size = 112
mean = [1, 2.5, 3]
std = [4, 5, 6.5]
comparator = "euclidean"
colour = "BGR"
threshold = 1.25
licence = "MIT"
output = "embedding"
dimension = 5
"""
SAID = Contract(
    "arcface-112",
    112,
    (1, 2.5, 3),
    (4, 5, 6.5),
    Comparator.EUCLIDEAN,
    "BGR",
    1.25,
    output="embedding",
    licence="MIT",
    dimension=5,
)
ONLY_SHOWN = ("threshold_rule", "threshold_cohort", "data")
"""What a contract tells of a model's making; no spec needs it."""


def test_metadata(build_onnx: Build) -> None:
    source = parse_model(str(build_onnx(size=112, metadata=METADATA)))
    assert in_english(source.note) == "contract from the metadata in the file"
    for field in set(Contract.__struct_fields__) - set(ONLY_SHOWN):
        assert getattr(source.spec, field) == getattr(SAID, field)


def test_what_is_written_is_what_is_read(build_onnx: Build) -> None:
    spec = parse_model(str(build_onnx(size=112, metadata=METADATA))).spec
    again = contract_from_metadata(contract_metadata(spec), Path("x.onnx"))
    assert again == SAID
    bare = replace(spec, threshold=None, licence="", mean=(0.1, 1 / 3, 1e-9))
    again = contract_from_metadata(contract_metadata(bare), Path("x.onnx"))
    assert again is not None
    assert (again.threshold, again.licence, again.mean) == (None, "", bare.mean)


def test_what_a_trained_file_says_of_itself_is_read_again() -> None:
    said = structs.replace(SAID, threshold_rule="FMR at most 0.001", threshold_cohort="validation", data="ab" * 32)
    assert contract_from_metadata(contract_metadata(said), Path("x.onnx")) == said


def test_a_file_that_is_mistaken_about_its_dimension_is_refused(build_onnx: Build) -> None:
    path = build_onnx(size=112, metadata=METADATA | {"facegap.dimension": "6"})
    with pytest.raises(ModelError, match="puts out 5 numbers, its contract says 6"):
        parse_model(str(path))


def test_a_preset_written_into_a_file_means_the_same(build_onnx: Build) -> None:
    by_preset = parse_model(str(build_onnx(size=112)), preset="arcface-imagenet").spec
    path = build_onnx(size=112, metadata=contract_metadata(by_preset))
    assert replace(parse_model(str(path)).spec, weights=by_preset.weights) == by_preset


def test_toml_beside_the_file(build_onnx: Build) -> None:
    path = build_onnx(size=112)
    path.with_suffix(".toml").write_text(TOML)
    source = parse_model(str(path))
    assert in_english(source.note) == "contract from net.toml beside the file"
    assert source.spec.mean == (1.0, 2.5, 3.0)
    assert source.spec.threshold == 1.25


def test_order_of_preference(build_onnx: Build) -> None:
    path = build_onnx(size=112, metadata=METADATA)
    path.with_suffix(".toml").write_text("nonsense = true")
    assert "metadata" in in_english(parse_model(str(path)).note)
    source = parse_model(str(path), preset="arcface")
    assert in_english(source.note) == "contract from the preset arcface, as asked, in place of the metadata in the file"
    assert source.spec.mean == (127.5, 127.5, 127.5)
    path = build_onnx("plain", size=112)
    assert in_english(parse_model(str(path), preset="arcface").note) == "contract from the preset arcface, as asked"
    path = build_onnx("wide", size=224)
    path.with_suffix(".toml").write_text(TOML.replace("112\n", "224\n"))
    assert in_english(parse_model(str(path)).note) == "contract from wide.toml beside the file"


def test_the_only_fitting_preset_is_guessed(build_onnx: Build) -> None:
    source = parse_model(str(build_onnx(size=224)))
    assert in_english(source.note) == (
        "contract guessed: japanese-face is the only preset that takes 224 x 224 pixels; pass --preset if wrong"
    )
    assert source.spec.crop == "whole"


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (100, "takes 100 x 100 pixels and does not say with which crop, mean, std and comparator: pass --preset"),
        ("side", r"takes images of any size .* or write them to net\.toml beside it"),
    ],
)
def test_no_guess_without_a_fitting_preset(build_onnx: Build, size: int | str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        parse_model(str(build_onnx(size=size)))


def test_of_several_fitting_presets_the_usual_one_is_guessed(build_onnx: Build) -> None:
    source = parse_model(str(build_onnx(size=112)))
    assert in_english(source.note) == (
        "contract guessed: arcface, which people use for most networks of 112 x 112 pixels; pass --preset if it is one "
        "of arcface-imagenet, adaface, magface, sface, edgeface, ghostfacenet"
    )
    assert (source.spec.crop, source.spec.mean, source.spec.std) == ("arcface-112", (127.5,) * 3, (127.5,) * 3)
    assert [finding.kind for finding in source.findings] == ["guessed-contract"]


@pytest.mark.parametrize("name", ["w600k_r50", "w600k_mbf", "glintr100", "W600K_R50"])
def test_recognisers_of_packs_are_known_by_name(build_onnx: Build, name: str) -> None:
    source = parse_model(str(build_onnx(name, size=112)))
    assert in_english(source.note) == f"contract arcface, as InsightFace uses {name}.onnx of its packs"
    assert not source.findings


def test_a_preset_of_another_size(build_onnx: Build) -> None:
    with pytest.raises(ModelError, match="takes images of 100 pixels but its contract says 112"):
        parse_model(str(build_onnx(size=100)), preset="arcface")


def test_unknown_preset(build_onnx: Build) -> None:
    with pytest.raises(ModelError, match=f"unknown preset 'cosface': choose one of {', '.join(PRESETS)}"):
        parse_model(str(build_onnx(size=112)), preset="cosface")


BROKEN = [
    ("facegap.crop", None, "missing required field `crop`"),
    ("facegap.mean", None, "missing required field `mean`"),
    ("facegap.crop", "tight", "Invalid enum value 'tight'"),
    ("facegap.size", "big", "size"),
    ("facegap.size", "0", "size 0 is not a number of pixels"),
    ("facegap.mean", "1,2", "mean"),
    ("facegap.mean", "1,2,x", "mean"),
    ("facegap.std", "[1, 0, 1]", "std .* above 0"),
    ("facegap.std", "nan,1,1", "std"),
    ("facegap.comparator", "hamming", "hamming"),
    ("facegap.colour", "GBR", "GBR"),
    ("facegap.colur", "BGR", "unknown field `colur`"),
]


@pytest.mark.parametrize(("key", "value", "message"), BROKEN)
def test_broken_metadata(build_onnx: Build, key: str, value: str | None, message: str) -> None:
    metadata = {**METADATA, key: value} if value else {k: v for k, v in METADATA.items() if k != key}
    path = build_onnx(size=112, metadata=metadata)
    with pytest.raises(ModelError, match=rf"facegap metadata in .*net\.onnx cannot be used: .*{message}") as caught:
        parse_model(str(path))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TOML + "flip = true", "unknown field `flip`"),
        (TOML.replace("size = 112", 'size = "112"'), "Expected `int`"),
        (TOML.replace("size = 112", ""), "missing required field `size`"),
        ("crop = ", "cannot be read as TOML"),
    ],
)
def test_broken_toml(build_onnx: Build, text: str, message: str) -> None:
    path = build_onnx(size=112)
    path.with_suffix(".toml").write_text(text)
    with pytest.raises(ModelError, match=rf"net\.toml .*{message}") as caught:
        parse_model(str(path))
    assert len(str(caught.value).splitlines()) == 1


def test_metadata_of_others_is_none_of_ours(build_onnx: Build) -> None:
    path = build_onnx(size=224, metadata={"signature": "S", "author": "A"})
    assert {entry.key for entry in onnx.load(path).metadata_props} == {"signature", "author"}
    assert in_english(parse_model(str(path)).note).startswith("contract guessed")


def test_every_preset_is_documented_and_survives_in_a_file(build_onnx: Build) -> None:
    page = (Path(__file__).parents[3] / "docs" / "models.md").read_text()
    for name, contract in PRESETS.items():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert f"| {contract.size} |" in row
        assert contract.colour in row
        path = build_onnx(name, size=contract.size, metadata=contract_metadata(contract))
        spec, by_name = parse_model(str(path)).spec, parse_model(f"{path},preset={name}").spec
        assert spec == by_name


def test_adaface_and_arcface_differ_in_the_order_of_colours_alone(build_onnx: Build) -> None:
    path = build_onnx(size=112)
    bgr, rgb = (parse_model(f"{path},preset={name}").open() for name in ("adaface", "arcface"))
    faces = np.random.default_rng(0).integers(0, 256, (2, 112, 112, 3), dtype=np.uint8)
    np.testing.assert_allclose(bgr.embed(faces), rgb.embed(faces[..., ::-1]), atol=1e-6)
    assert np.abs(bgr.embed(faces) - rgb.embed(faces)).max() > 1e-4


def test_sface_is_fed_raw_pixels(build_onnx: Build) -> None:
    path = build_onnx(size=112, dimension=3)
    faces = np.full((1, 112, 112, 3), 255, np.uint8)
    raw, half = (parse_model(f"{path},preset={name}").open().embed(faces) for name in ("sface", "arcface"))
    np.testing.assert_allclose(raw, 255 * half, rtol=1e-5)
