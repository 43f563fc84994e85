"""Training on Ray: the network of one machine, the same after kills, and what cannot be trained there."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import fsspec
import numpy as np
import psutil
import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install 'facegap[train]'")
ray = pytest.importorskip("ray", reason="Ray is an extra: pip install 'facegap[ray]'")

from facegap.datasets import read
from facegap.errors import InputError, StoreError
from facegap.faces import DEFAULT_FACES
from facegap.jobs.hashing import hash_images
from facegap.jobs.train import on_ray as ours
from facegap.jobs.train.folder import Folder
from facegap.jobs.train.loop import fit
from facegap.jobs.train.network import FaceNetwork
from facegap.jobs.train.recipe import Machine, Recipe
from facegap.jobs.train.training import Lesson
from facegap.jobs.train.training_crops import cut_faces
from facegap.run.executor import RAY
from facegap.run.ray_executor import on_ray
from facegap.run.remote import place
from facegap.run.versions import version
from facegap.store import store_root, store_url
from facegap.store.crops import CropStore
from s3_server import s3_server

pytestmark = pytest.mark.filterwarnings("default")  # Ray has some of its own

BUCKET = "s3://trained"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two machines with a processor each, which find an S3 server and keep copies of its stores where we do not."""
    from ray.cluster_utils import Cluster

    with s3_server("trained"), pytest.MonkeyPatch.context() as patch:
        theirs = tmp_path_factory.mktemp("theirs")
        patch.setenv("FACEGAP_STORE", str(theirs))
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        made.add_node(num_cpus=1)
        patch.setenv("RAY_ADDRESS", made.address)
        patch.setenv("FACEGAP_STORE", str(tmp_path_factory.mktemp("mine")))
        made.theirs = theirs
        yield made
        ray.shutdown()
        made.shutdown()


def recipe(**options) -> Recipe:
    small = {"backbone": "test_efficientnet", "from_scratch": True, "crop": "whole", "size": 32, "dimension": 32}
    return Recipe(**{**small, "batch_subjects": 6, "learning_rate": 4e-3, "scale": 24.0, **options})


def lesson_of(people: Path, store: str | Path | None) -> Lesson:
    manifest = read([people])
    crops = cut_faces(
        manifest, hash_images(manifest.paths), CropStore(store_root(store)), crop="whole", size=32, workers=1
    )
    subject = manifest.subject_codes
    return Lesson(crops, np.flatnonzero(subject < 22), np.flatnonzero(subject >= 22), subject)


@pytest.fixture(scope="module")
def lesson(people: Path, tmp_path_factory) -> Lesson:
    return lesson_of(people, tmp_path_factory.mktemp("store"))


def trained(lesson, folder: Path, how: Recipe, machine: Machine, say, *, ray=True, store=None) -> FaceNetwork:
    torch.manual_seed(how.seed)
    network, state = FaceNetwork(how), Folder(folder)
    state.open(how, DEFAULT_FACES.spec("whole"), "data", RAY if ray else None)
    if ray:
        options = {"progress": lambda *_: None, "say": say}
        ours.fit_on_ray(network, lesson, how, machine, state, on_ray(), store, **options)
    else:
        assert fit(network, lesson, how, machine, state, progress=lambda *_: None, say=say)
    return network


def same(one: FaceNetwork, other: FaceNetwork) -> bool:
    return all(torch.equal(value, other.state_dict()[name]) for name, value in one.state_dict().items())


def test_one_worker_trains_the_network_of_one_machine_all_at_urls_and_only_once(cluster, people, tmp_path):
    how, here, there, again = recipe(epochs=2), [], [], []
    store, state = place(f"{BUCKET}/store"), place(f"{BUCKET}/state")
    lesson, machine = lesson_of(people, store), Machine(devices="1", checkpoints=state)
    alone = trained(lesson, tmp_path / "here", how, Machine(workers=1), here.append, ray=False)
    made = trained(lesson, tmp_path / "ray", how, machine, there.append, store=store_url(store))
    assert there == here
    assert same(made, alone)
    kept = {Path(file).name for file in fsspec.filesystem("s3").find("trained/state")}
    assert {"checkpoint.ckpt", "checkpoint_manager_snapshot.json"} <= kept
    assert {file.name for file in (tmp_path / "ray").iterdir()} == {"order.json", "best.ckpt", "finished.json"}
    assert list(cluster.theirs.rglob("*.npy")), "the worker fetched the crops"
    for on in (True, False):
        assert same(trained(lesson, tmp_path / "ray", how, machine, again.append, ray=on), alone)
    assert again == []


def test_what_the_cluster_cannot_do_is_refused_before_any_work(cluster, tmp_path, monkeypatch):
    def refused(message: str, machine: Machine) -> None:
        with pytest.raises(InputError, match=message) as caught:
            ours.check_ray(on_ray(), recipe(), machine, Folder(tmp_path / "x.training"), tmp_path / "store")
        assert "\n" not in str(caught.value)

    ours.check_ray(on_ray(), recipe(), Machine(), Folder(tmp_path / "x.training"), tmp_path / "store")
    assert ours.room_on(ray, recipe(), Machine()) == ours.Room(2, 1, gpu=False)
    refused("room for 2 workers that train, not 3", Machine(devices="3"))
    refused("do not see s3://nowhere/x, or cannot write there: ", Machine(checkpoints=place("s3://nowhere/x")))
    monkeypatch.setattr("facegap.run.ray_cluster.version", lambda name: "0.0" if name == "torch" else version(name))
    refused(r"torch is .* on the Ray machine [\d.]+, and 0.0 here: install the same", Machine())


def test_two_processes_do_not_train_the_same_at_once(cluster, monkeypatch):
    on_ray()
    monkeypatch.setattr(ours, "LET_GO", 0.0)
    first = ours._begun(ray, "/a state/ ray-1")
    with pytest.raises(InputError, match=r"^another process .* with its state in /a state/: wait"):
        ours._begun(ray, "/a state/ ray-1")
    ray.kill(first)


def test_an_error_of_a_worker_is_one_line():
    from ray.train import ControllerError, WorkerGroupError

    from facegap.jobs.train.ray_loop import _said

    work = SimpleNamespace(place=Path("state"), name="ray-1")
    said = str(_said(WorkerGroupError("pages", {1: OSError(28, "No space left on device")}), work))
    assert re.search(r"its state is in state/ray-1 \(\[Errno 28\] No space left on device\): run the same", said)
    said = str(_said(ControllerError(RuntimeError("first\n\nno room for 2 workers\n")), work))
    assert "(no room for 2 workers): run the same command again" in said
    mended = StoreError("the store is gone")
    assert _said(WorkerGroupError("pages", {0: mended}), work) is mended


DRIVER = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
import test_on_ray as t
t.trained(t.lesson_of(Path({people!r}), {store!r}), Path({folder!r}), t.recipe(epochs=8), t.Machine(), print)
"""


def kill_a_worker() -> None:
    """Kill one of the processes that train."""
    ours_all = psutil.Process().children(recursive=True)
    training = [one for one in ours_all if one.cmdline()[:1] and one.cmdline()[0].startswith("ray::RayTrainWorker")]
    assert len(training) == 2
    training[-1].send_signal(signal.SIGKILL)


def test_a_killed_driver_and_a_killed_worker_cost_nothing(cluster, lesson, people, tmp_path):
    calm, lines, told = [], [], []
    whole = trained(lesson, tmp_path / "calm", recipe(epochs=8), Machine(), calm.append)
    folder, paths = tmp_path / "killed", [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    script = DRIVER.format(paths=paths, people=str(people), store=str(tmp_path / "store"), folder=str(folder))
    driver = subprocess.Popen([sys.executable, "-c", script], env=os.environ)
    while not list(folder.glob("ray-*/*.json")) and driver.poll() is None:
        time.sleep(0.02)
    driver.send_signal(signal.SIGKILL)
    assert driver.wait() == -signal.SIGKILL, "it was killed in the middle"
    assert not (folder / "finished.json").exists()

    def say(line: str) -> None:
        told.append(line)
        if len(told) == 2:  # after the first epoch of this driver
            kill_a_worker()

    network = trained(lesson, folder, recipe(epochs=8), Machine(), say)
    lines = [line for line in told if line in calm]
    assert [line for line in told if line not in calm] == [told[0]] * 2
    assert told[0].startswith("going on with the training in killed, which was interrupted")
    assert lines[-1] == calm[-1]
    assert 2 <= len(lines) < 2 * len(calm)
    assert same(network, whole)
    assert list((tmp_path / "calm" / "logs").rglob("metrics.csv"))
