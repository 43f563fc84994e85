"""Where a training goes on a cluster, and what is refused before any work; no Ray is needed to see it."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training is an extra: pip install 'facegap[train]'")

from facegap import Study
from facegap.errors import InputError
from facegap.jobs.train import on_ray
from facegap.jobs.train.folder import Folder
from facegap.jobs.train.on_ray import Room, check_ray, room_on
from facegap.jobs.train.order import Order
from facegap.jobs.train.recipe import Machine, Recipe
from facegap.run.ray_executor import OnRay
from facegap.run.remote import place

RECIPE = Recipe(from_scratch=True)  # 16 subjects in a batch


@pytest.fixture
def cluster(monkeypatch):
    """A function that pretends a cluster of machines, each with so many processors and GPUs."""

    def pretend(*machines: tuple[int, int], seen: bool = True) -> None:
        nodes = [{"Resources": {"CPU": float(cpu), "GPU": float(gpu)}} for cpu, gpu in machines]
        monkeypatch.setattr(on_ray, "living", lambda _: nodes)
        monkeypatch.setattr(on_ray, "connected", lambda *_: None)
        monkeypatch.setattr(on_ray, "check_versions", lambda *_: None)
        monkeypatch.setattr(on_ray, "seen_by_all", lambda _, folder: seen and folder.name != "elsewhere")
        monkeypatch.setattr(on_ray, "OF_RAY", ())

    return pretend


@pytest.mark.parametrize(
    ("machines", "devices", "room"),
    [
        ([(2, 0)], "auto", Room(1, 2, False)),
        ([(8, 0), (8, 0), (8, 0)], "auto", Room(2, 8, False)),  # 3 do not divide a batch of 16 subjects
        ([(8, 0), (4, 0)], "4", Room(4, 2, False)),
        ([(8, 0), (4, 0)], "8", Room(8, 1, False)),
        ([(16, 4), (16, 4)], "auto", Room(8, 4, True)),
        ([(16, 2), (8, 0)], "auto", Room(2, 8, True)),  # no GPU, no worker
        ([(2, 4)], "auto", Room(2, 1, True)),
    ],
)
def test_each_worker_has_as_many_processors_as_all_find_room_with(cluster, machines, devices, room):
    cluster(*machines)
    assert room_on(None, RECIPE, Machine(devices=devices)) == room


def test_too_small_a_cluster_is_refused(cluster):
    cluster((2, 0), (1, 0))
    with pytest.raises(InputError, match="has 3 processors and 0 GPUs, room for 3 workers that train, not 4: see"):
        room_on(None, RECIPE, Machine(devices="4"))
    cluster((8, 1), (8, 0))
    with pytest.raises(InputError, match="has 16 processors and 1 GPUs, room for 1 workers that train, not 2"):
        room_on(None, RECIPE, Machine(devices="2"))


def refused(message: str, tmp_path: Path, machine: Machine, store: str = "store") -> None:
    with pytest.raises(InputError, match=message) as caught:
        check_ray(OnRay(2), RECIPE, machine, Folder(tmp_path / "out" / "x.training"), tmp_path / store)
    assert "\n" not in str(caught.value)


def test_what_machines_do_not_see_is_refused(cluster, tmp_path, monkeypatch):
    cluster((2, 0))
    check_ray(OnRay(2), RECIPE, Machine(), Folder(tmp_path / "x.training"), tmp_path / "store")
    refused("--nodes is for training without Ray", tmp_path, Machine(nodes=2))
    refused("do not see the store .*elsewhere: name", tmp_path, Machine(), "elsewhere")
    there = tmp_path / "elsewhere" / "state"
    refused("do not see .*elsewhere, or cannot write there: .*--checkpoints", tmp_path, Machine(checkpoints=there))
    check_ray(OnRay(2), RECIPE, Machine(checkpoints=place("s3://b/x")), Folder(tmp_path / "x.training"), tmp_path)
    refused("do not see s3://b/elsewhere, or cannot", tmp_path, Machine(checkpoints=place("s3://b/elsewhere")))
    monkeypatch.setattr(on_ray, "OF_RAY", ("no_such_package",))
    refused(r"needs no_such_package, .*pip install 'facegap\[ray,train\]'", tmp_path, Machine())


@pytest.mark.parametrize(
    ("message", "machine", "batch"),
    [
        ("3 devices cannot share a batch of 16x4: let --devices divide 16", Machine(devices="3"), (16, 4)),
        ("4 devices cannot share a batch of 6x4", Machine(devices="2", nodes=2), (6, 4)),
        ("4 devices cannot share a batch of 4x1", Machine(devices="4"), (4, 1)),
        ("--checkpoints is for training on Ray: .*x.training", Machine(checkpoints=Path("state")), (16, 4)),
    ],
)
def test_what_cannot_be_shared_or_kept_is_refused_before_any_work(message, machine, batch):
    recipe = Recipe(from_scratch=True, batch_subjects=batch[0], batch_images=batch[1])
    with pytest.raises(InputError, match=message):
        Order(Study(inputs=["people"]), Path("x.onnx"), recipe, machine, general=None).checked(None)


def test_a_training_goes_on_where_it_was_begun(tmp_path):
    folder = Folder(tmp_path / "x.training")
    faces = Study(inputs=["people"]).faces.spec("whole")
    folder.open(RECIPE, faces, "data", "ray")
    with pytest.raises(InputError, match=r"another executor \(ray, now None\): repeat its command"):
        folder.open(RECIPE, faces, "data")
    folder.finish(3)
    folder.open(RECIPE, faces, "data")
