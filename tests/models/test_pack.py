"""InsightFace packs, as folders and as ZIP files."""

import json
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from facegap.data.statement import in_english
from facegap.data.weights import sha256_of_file
from facegap.errors import InputError, ModelError
from facegap.faces import FaceOptions, face_spec
from facegap.faces.detectors.scrfd import ScrfdDetector
from facegap.jobs.evaluating import evaluate
from facegap.jobs.study import Study
from facegap.models import parse_model
from models.packs import buffalo, other, recogniser, with_manifest, zipped

HALF, INSIDE = (127.5, 127.5, 127.5), (0.0, 0.0, 0.0)


def test_a_pack_is_its_recogniser_with_its_detector(tmp_path: Path) -> None:
    folder = buffalo(tmp_path / "buffalo_l")
    source = parse_model(f"{folder}/")
    spec = source.spec
    assert (spec.name, spec.crop, spec.size, spec.dimension, spec.colour) == (
        "buffalo_l",
        "arcface-112",
        112,
        32,
        "RGB",
    )
    assert (spec.mean, spec.std) == (HALF, HALF)
    assert source.detector == f"scrfd:{folder / 'det_10g.onnx'}"
    assert in_english(source.note).endswith(
        "w600k_r50.onnx recognises faces, with InsightFace's contract; left out: 1k3d68.onnx (landmarks), "
        "2d106det.onnx (landmarks), genderage.onnx (age and sex)"
    )
    assert not source.findings


@pytest.mark.parametrize("inside", ["", "buffalo_l"])
def test_a_zip_file_is_unpacked_once(tmp_path: Path, inside: str) -> None:
    place = zipped(buffalo(tmp_path / "made"), tmp_path / "buffalo_l.zip", inside=inside)
    source = parse_model(f"mine={place}")
    assert source.spec.name == "mine"
    assert parse_model(str(place)).detector == source.detector
    assert len(source.open().embed(np.zeros((2, 112, 112, 3), np.uint8))) == 2


def test_a_zip_file_does_not_leave_its_folder(tmp_path: Path) -> None:
    network = recogniser(tmp_path / "a.onnx")
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as packed:
        packed.write(network, "../../outside.onnx")
    parse_model(str(tmp_path / "bad.zip"))
    assert not list(tmp_path.rglob("outside.onnx"))


@pytest.mark.parametrize(
    ("stated", "mean", "std"),
    [
        ({}, HALF, HALF),
        ({"preprocessing": "embedded"}, INSIDE, (1.0, 1.0, 1.0)),
        ({"preprocessing": {"mean": 100, "std": 50.5}}, (100.0,) * 3, (50.5,) * 3),
    ],
)
def test_a_manifest_says_what_each_network_does_and_wants(
    tmp_path: Path, stated: dict, mean: object, std: object
) -> None:
    folder = with_manifest(tmp_path / "pack", **stated)
    source = parse_model(str(folder))
    assert (source.spec.name, source.spec.mean, source.spec.std) == ("raccoon_made", mean, std)
    assert source.detector == f"scrfd:{folder / 'models' / 'find.onnx'}"
    assert not source.findings


def test_a_preset_wins_over_the_pack(tmp_path: Path) -> None:
    source = parse_model(str(buffalo(tmp_path / "pack")), preset="adaface")
    assert source.spec.colour == "BGR"
    assert source.detector


@pytest.mark.parametrize("version", [None, 1, 3, "2"])
def test_a_manifest_of_another_version_is_passed_over(tmp_path: Path, version: object) -> None:
    folder = buffalo(tmp_path / "pack")
    (folder / "manifest.json").write_text(json.dumps({"manifest_version": version, "tasks": 7}))
    assert parse_model(str(folder)).spec.name == "pack"


@pytest.mark.parametrize(
    ("recognition", "message"),
    [
        ({"sha256": "0" * 64}, "recognise.onnx is not the file that manifest.json beside it describes"),
        ({"file": "../recognise.onnx"}, "names '../recognise.onnx', which lies outside the pack"),
        ({"file": "/etc/recognise.onnx"}, "lies outside the pack"),
        ({"file": "models/absent.onnx"}, "absent.onnx cannot be read"),
        ({"preprocessing": {"mean": 1, "std": 0}}, "mean 1 and std 0 are no preprocessing"),
        ({"preprocessing": "somehow"}, "cannot be used as the manifest of an InsightFace pack: "),
        ({"preprocessing": {"mean": 1}}, "missing required field `std`"),
        ({"embedding_dimension": 512}, "puts out 32 numbers, its contract says 512"),
        ({"file": 7}, "Expected `str`, got `int`"),
    ],
)
def test_a_wrong_manifest(tmp_path: Path, recognition: dict, message: str) -> None:
    folder = with_manifest(tmp_path / "pack", **recognition)
    with pytest.raises(ModelError, match=message):
        parse_model(str(folder))


def test_a_manifest_without_a_recogniser(tmp_path: Path) -> None:
    folder = with_manifest(tmp_path / "pack")
    text = (folder / "manifest.json").read_text().replace('"recognition"', '"body"')
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ModelError, match=r"names no network for recognition"):
        parse_model(str(folder))
    (folder / "manifest.json").write_text("{")
    with pytest.raises(ModelError, match=r"cannot be used as the manifest"):
        parse_model(str(folder))


def test_packs_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"empty holds no ONNX file: give the folder"):
        parse_model(str(tmp_path / "empty"))
    folder = buffalo(tmp_path / "two")
    recogniser(folder / "mine.onnx")
    with pytest.raises(
        ModelError, match=r"holds 2 networks of the kind recogniser, mine.onnx, w600k_r50.onnx: keep one"
    ):
        parse_model(str(folder))
    other((tmp_path / "empty") / "genderage.onnx", size=96, outputs=1)
    with pytest.raises(ModelError, match=r"recognises faces, only genderage.onnx \(age and sex\)"):
        parse_model(str(tmp_path / "empty"))
    (tmp_path / "bad.zip").write_bytes(b"PK")
    with pytest.raises(ModelError, match=r"bad.zip cannot be unpacked \(.*\): unpack it yourself"):
        parse_model(str(tmp_path / "bad.zip"))
    with pytest.raises(ModelError, match=r"absent.zip cannot be read"):
        parse_model(str(tmp_path / "absent.zip"))


def test_a_detector_is_fed_as_the_manifest_of_its_pack_says(tmp_path: Path) -> None:
    folder = with_manifest(tmp_path / "pack")
    detector = f"scrfd:{folder / 'models' / 'find.onnx'}"
    usual = face_spec("arcface-112", detector=detector)
    image = np.zeros((640, 640, 3), np.uint8)
    image[160:168, 240:248, 0] = 255
    assert len(ScrfdDetector(folder / "models" / "find.onnx").detect(image)) == 1
    text = (folder / "manifest.json").read_text()
    stated = '"models/find.onnx", "preprocessing": {"mean": 0, "std": 1000}'
    (folder / "manifest.json").write_text(text.replace('"models/find.onnx"', stated))
    assert face_spec("arcface-112", detector=detector).detector == f"{usual.detector}:mean 0, std 1000"
    assert not ScrfdDetector(folder / "models" / "find.onnx").detect(image)


def faces(folder: Path) -> Path:
    """Write images with one red spot each, which a network that `seeing` built takes for a face."""
    rng = np.random.default_rng(0)
    for subject in range(3):
        (folder / f"s{subject}").mkdir(parents=True)
        for k in range(2):
            pixels = rng.integers(0, 60, (160, 160, 3), np.uint8)
            pixels[64:66, 80:82] = 255, 0, 0
            Image.fromarray(pixels).resize((640, 640), Image.Resampling.NEAREST).save(
                folder / f"s{subject}" / f"{k}.png"
            )
    return folder


def test_one_option_evaluates_a_pack(tmp_path: Path, run) -> None:
    folder, photos = buffalo(tmp_path / "buffalo_l"), faces(tmp_path / "photos")
    asked = ["--no-images", "--charts", "none"]
    code, printed, _ = run("evaluate", photos, "--model", f"{folder}/", "-o", tmp_path / "report", *asked)
    assert code == 0
    assert "which comes with the model; --detector names another" in " ".join(printed.split())
    found = evaluate(Study([photos], [f"{folder}/"], store=tmp_path / "store"))
    assert found.models["detector"].to_list() == [f"scrfd:{sha256_of_file(folder / 'det_10g.onnx')}"]
    assert not found.failures.height


def test_a_stated_detector_wins_and_two_brought_ones_are_refused(tmp_path: Path) -> None:
    photos = faces(tmp_path / "photos")
    first, second = buffalo(tmp_path / "first"), buffalo(tmp_path / "second")
    model = onnx.load(second / "det_10g.onnx")
    model.doc_string = "another"
    onnx.save(model, second / "det_10g.onnx")
    study = Study([photos], [str(first), str(second)], store=tmp_path / "store")
    with pytest.raises(
        InputError, match=r"^the models bring 2 detectors, scrfd:.*, scrfd:.*: say which with --detector"
    ):
        evaluate(study)
    stated = Study([photos], [str(first)], store=tmp_path / "store", faces=FaceOptions(detector="none"))
    assert evaluate(stated).models["detector"].to_list() == ["none"]
