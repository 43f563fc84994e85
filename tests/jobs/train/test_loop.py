"""Training learns, is the same again by its seed, and goes on after it was killed as if it had not been."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install 'facegap[train]'")

from facegap.datasets import read
from facegap.errors import InputError
from facegap.faces import DEFAULT_FACES, FaceOptions
from facegap.jobs.hashing import hash_images
from facegap.jobs.train.folder import Folder
from facegap.jobs.train.loop import embed_crops, fit
from facegap.jobs.train.network import FaceNetwork
from facegap.jobs.train.recipe import Machine, Recipe
from facegap.jobs.train.training import Lesson
from facegap.jobs.train.training_crops import cut_faces
from facegap.store.crops import CropStore

MACHINE = Machine(workers=1)
FACES = DEFAULT_FACES.spec("whole")


def recipe(**options) -> Recipe:
    small = {"backbone": "test_efficientnet", "from_scratch": True, "crop": "whole", "size": 32, "dimension": 32}
    return Recipe(**{**small, "batch_subjects": 6, "epochs": 3, "learning_rate": 4e-3, "scale": 24.0, **options})


@pytest.fixture(scope="session")
def lesson(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    manifest = read([people])
    store = CropStore(tmp_path_factory.mktemp("store"))
    crops = cut_faces(manifest, hash_images(manifest.paths), store, crop="whole", size=32, workers=1)
    subject = manifest.subject_codes
    return Lesson(crops, np.flatnonzero(subject < 22), np.flatnonzero(subject >= 22), subject)


def trained(lesson: Lesson, folder: Path, recipe: Recipe) -> tuple[FaceNetwork, list[str]]:
    torch.manual_seed(recipe.seed)
    network, lines = FaceNetwork(recipe), []
    Folder(folder).open(recipe, FACES, "data")
    assert fit(network, lesson, recipe, MACHINE, Folder(folder), progress=lambda *_: None, say=lines.append)
    return network, lines


def test_it_learns_says_so_and_keeps_the_best_epoch(lesson, tmp_path):
    told = []
    network, lines = trained(lesson, tmp_path / "a", recipe(epochs=6, class_weights=True, sub_centres=2))
    assert len(lines) == 6
    assert all(f"epoch {k} of 6: loss" in line and "validation AUC" in line for k, line in enumerate(lines, 1))
    aucs = [float(line.split("validation AUC ")[1].split(",")[0]) for line in lines]
    assert max(aucs) > 0.9
    best = [k for k, line in enumerate(lines) if line.endswith("the best so far")][-1]
    assert aucs[best] == max(aucs)
    from facegap.jobs.train.validation import validate

    vectors = embed_crops(network, lesson.crops, lesson.validation)
    assert validate(vectors, lesson.subject[lesson.validation]).auc == pytest.approx(max(aucs), abs=1e-4)
    logs = pl.read_csv(next((tmp_path / "a" / "logs").rglob("metrics.csv")))
    assert {"auc", "loss"} <= set(logs.columns)
    assert list((tmp_path / "a" / "logs").rglob("events.out.tfevents*"))
    assert told == []


def test_the_same_seed_gives_the_same_network_and_a_finished_training_is_not_repeated(lesson, tmp_path):
    one, _ = trained(lesson, tmp_path / "a", recipe())
    two, _ = trained(lesson, tmp_path / "b", recipe())
    again, lines = trained(lesson, tmp_path / "a", recipe())
    assert lines == []
    for name, value in one.state_dict().items():
        assert torch.equal(value, two.state_dict()[name])
        assert torch.equal(value, again.state_dict()[name])
    other, _ = trained(lesson, tmp_path / "c", recipe(seed=1))
    assert not torch.equal(other.head[0].weight, one.head[0].weight)


def test_training_stops_when_it_gets_no_better(lesson, tmp_path):
    _, lines = trained(lesson, tmp_path, recipe(epochs=30, patience=1, learning_rate=1e-9))
    assert len(lines) < 30
    assert json.loads((tmp_path / "finished.json").read_text())["epochs"] == len(lines)


def test_another_recipe_in_the_same_folder_is_refused_and_nothing_is_lost(lesson, tmp_path):
    Folder(tmp_path).open(recipe(), FACES, "data")
    with pytest.raises(InputError, match=r"another epochs \(3, now 5\)"):
        Folder(tmp_path).open(recipe(epochs=5), FACES, "data")
    with pytest.raises(InputError, match="another data"):
        Folder(tmp_path).open(recipe(), FACES, "other images")
    with pytest.raises(InputError, match=r"another max side \(2048, now 900\)"):
        Folder(tmp_path).open(recipe(), FaceOptions(max_side=900).spec("whole"), "data")
    Folder(tmp_path).open(recipe(), FACES, "data")


def test_other_weights_in_a_file_of_the_same_name_are_refused(tmp_path):
    begin = tmp_path / "begin.pth"
    begin.write_bytes(b"one network")
    started = recipe(from_scratch=False, weights=begin)
    Folder(tmp_path / "state").open(started, FACES, "data")
    begin.write_bytes(b"another network")
    with pytest.raises(InputError, match="another weights"):
        Folder(tmp_path / "state").open(started, FACES, "data")


@pytest.mark.parametrize("name", ["last.ckpt", "best.ckpt"])
def test_a_damaged_state_is_one_line_and_stays(lesson, tmp_path, name):
    trained(lesson, tmp_path, recipe(epochs=1))
    damaged = (tmp_path / name).read_bytes()[:5000]
    (tmp_path / name).write_bytes(damaged)
    if name == "last.ckpt":
        (tmp_path / "finished.json").unlink()
    with pytest.raises(InputError, match=rf"{name} is damaged .*delete") as caught:
        trained(lesson, tmp_path, recipe(epochs=1))
    assert "\n" not in str(caught.value)
    assert (tmp_path / name).read_bytes() == damaged


KILLED = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
import numpy as np
import test_loop as t
from facegap.datasets import read
from facegap.jobs.hashing import hash_images
from facegap.store.crops import CropStore
from facegap.jobs.train.training_crops import cut_faces
manifest = read([{people!r}])
hashes = hash_images(manifest.paths)
crops = cut_faces(manifest, hashes, CropStore({store!r}), crop="whole", size=32)
subject = manifest.subject_codes
lesson = t.Lesson(crops, np.flatnonzero(subject < 22), np.flatnonzero(subject >= 22), subject)
t.trained(lesson, Path({folder!r}), t.recipe(epochs=5))
"""


def test_a_killed_training_goes_on_to_the_same_result(lesson, people, tmp_path):
    whole, lines = trained(lesson, tmp_path / "whole", recipe(epochs=5))
    folder = tmp_path / "killed"
    script = KILLED.format(
        paths=[str(Path(__file__).parent)], people=str(people), store=str(tmp_path / "store"), folder=str(folder)
    )
    process = subprocess.Popen([sys.executable, "-c", script], env=os.environ)
    until = time.monotonic() + 300
    while not (folder / "last.ckpt").exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was killed in the middle"
    assert not (folder / "finished.json").exists()
    network, rest = trained(lesson, folder, recipe(epochs=5))
    assert "going on" in rest[0]
    assert 1 <= len(rest) - 1 < 5
    assert rest[1:] == lines[-len(rest) + 1 :]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, network.state_dict()[name])
