"""Ray: three machines as processes of this one, the same numbers as threads give, and nothing lost where one dies."""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import polars as pl
import pytest

import facegap
from facegap.errors import InputError
from facegap.run import remote
from facegap.run.executor import Serial, Threads, executor_named, weightless
from facegap.synthetic import write_population
from facegap.testing import check_executor
from s3_server import S3, s3_server

ray = pytest.importorskip("ray", reason="Ray is an extra: pip install 'facegap[ray]'")

from facegap.run.ray_cluster import check_versions  # noqa: E402
from facegap.run.ray_connection import connected  # noqa: E402
from facegap.run.ray_executor import OnRay, free_processors, on_ray  # noqa: E402
from ray_unlucky import Unlucky  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # Ray has some of its own


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    """A server with an empty bucket `kept`, which this process and those that it starts find."""
    with s3_server("kept") as server:
        yield server


@pytest.fixture(scope="module")
def cluster(s3, tmp_path_factory):
    """Three nodes with a processor and a pretended GPU each, and this process connected to them."""
    from ray import cloudpickle
    from ray.cluster_utils import Cluster

    for name in (__name__, "ray_unlucky"):
        cloudpickle.register_pickle_by_value(sys.modules[name])  # workers do not find these files

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_worker_niceness", "0")  # it is 15: workers would wait for all else on a busy machine
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "num_gpus": 1, "include_dashboard": False})
        for _ in range(2):
            made.add_node(num_cpus=1, num_gpus=1)
        patch.setenv("RAY_ADDRESS", made.address)
        assert executor_named("ray") == OnRay(3)
        yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    """Two cohorts of generated faces, and a file that is no picture."""
    folder = tmp_path_factory.mktemp("people")
    for seed, name in enumerate("ab"):
        write_population(folder / name, subjects=5, images=4, spread=0.8, seed=seed, size=96)
    (min(path for path in (folder / "a").iterdir() if path.is_dir()) / "text.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def studies(people, tmp_path_factory) -> dict[str, facegap.Study]:
    """One study of each source of comparisons, and a list of pairs."""
    folder, rng = tmp_path_factory.mktemp("studies"), np.random.default_rng(5)
    saved = []
    for name in ("a", "b"):
        subject = np.repeat(np.arange(100), 5)
        vectors = rng.normal(size=(100, 16))[subject] + rng.normal(size=(500, 16))
        np.savez(folder / f"{name}.npz", embedding=vectors.astype(np.float32), subject=subject.astype(str))
        saved.append(f"{name}={folder / name}.npz")
    found = facegap.read([people / "a"])
    first, second = rng.choice(len(found), (2, 200))
    paths, subjects = np.array(found.paths), np.array(found.subjects)
    same = (subjects[first] == subjects[second]).astype(int)
    listed = pl.DataFrame({"path_a": paths[first], "path_b": paths[second], "same": same})
    listed.filter(pl.col("path_a") != pl.col("path_b")).unique(maintain_order=True).write_csv(folder / "pairs.csv")
    one, other = np.triu_indices(60, 1)
    scores = pl.DataFrame(
        {
            **{f"path_{side}": [f"{i}.png" for i in images] for side, images in (("a", one), ("b", other))},
            **{f"subject_{side}": [str(i // 3) for i in images] for side, images in (("a", one), ("b", other))},
            "score": rng.normal(size=len(one)) + (one // 3 == other // 3),
        }
    )
    scores.write_csv(folder / "scores.csv")
    files = [f"{name}={people / name}" for name in "ab"]
    return {
        "files": facegap.Study(inputs=files, models=["dlib"]),
        "saved": facegap.Study(inputs=saved),
        "pairs": facegap.Study(inputs=[folder / "pairs.csv"], models=["dlib"]),
        "scores": facegap.Study(inputs=[folder / "scores.csv"]),
    }


def test_workers_write_the_store_and_send_no_vector(cluster, people, tmp_path, caplog):
    """Once they see the store, once they do not: a line says so, and the embeddings are the same."""
    manifest, model = facegap.read([people / "a"]), facegap.parse_model("dlib")
    made, sent = {}, {}

    class Watched(OnRay):
        def map(self, make_worker, items, *, weigh=weightless):
            for result in super().map(make_worker, items, weigh=weigh):
                sent[name] = sent.get(name, 0) + sum(record.vector is not None for *_, record in result.made)
                yield result

    class Blind(Watched):
        def sees(self, folder: Path) -> bool:
            return super().sees(folder) and False

    for name, executor in (("seen", Watched(3)), ("unseen", Blind(3))):
        store = facegap.EmbeddingStore(tmp_path / name)
        made[name] = facegap.embed(manifest, model, store=store, executor=executor)
        again = facegap.embed(manifest, model, store=store, executor=Serial())
        assert made[name].found == 0
        assert again.found == len(manifest) - 1  # but for the text
        assert again.vectors.tobytes() == made[name].vectors.tobytes()
    assert made["seen"].vectors.tobytes() == made["unseen"].vectors.tobytes()
    assert made["seen"].outcome.tolist() == made["unseen"].outcome.tolist()
    assert sent["seen"] == 0 < sent["unseen"]
    (said,) = caplog.messages
    assert said.startswith(f"the workers do not see the store {tmp_path / 'unseen'}: embeddings pass this machine")


def test_workers_write_to_a_store_at_a_url(cluster, s3, people, tmp_path, monkeypatch):
    """Their machines keep no store for this one; one request in twenty fails, and a worker is killed."""
    monkeypatch.setenv("FACEGAP_STORE", str(tmp_path / "mine"))  # theirs was chosen when they were started
    manifest, model = facegap.read([people / "a"]), facegap.parse_model("dlib")
    sent = []

    class Watched(Unlucky):
        def map(self, make_worker, items, *, weigh=weightless):
            for result in super().map(make_worker, items, weigh=weigh):
                sent.extend(record for *_, record in result.made if record.vector is not None)
                yield result

        def sees(self, folder: Path) -> bool:
            return self.on_ray.sees(folder)

    (tmp_path / "killed").mkdir()
    s3.failing, unlucky = 20, Watched(tmp_path / "killed")
    store = facegap.EmbeddingStore(remote.place("s3://kept/faces"))
    made = facegap.embed(manifest, model, store=store, executor=unlucky)
    again = facegap.embed(manifest, model, store=store, executor=Serial())
    s3.failing = 0
    assert len(list((tmp_path / "killed").iterdir())) == 1
    assert sent == []
    assert again.found == len(manifest) - 1  # but for the text
    local = facegap.embed(manifest, model, executor=Serial())
    assert local.vectors.tobytes() == made.vectors.tobytes() == again.vectors.tobytes()
    assert not [path for path in fsspec.filesystem("s3").find("kept") if not path.endswith(".parquet")]


def test_a_url_that_workers_cannot_write_to_is_not_seen(cluster, s3):
    assert on_ray().sees(remote.place("s3://kept/other"))
    assert not on_ray().sees(remote.place("s3://no-such-bucket/other"))
    assert not fsspec.filesystem("s3").exists("kept/other")


def test_a_folder_of_this_machine_is_seen_by_workers_on_it_alone(cluster, tmp_path, monkeypatch):
    executor = on_ray()
    assert executor.sees(tmp_path / "new")
    assert not list((tmp_path / "new").iterdir())
    (tmp_path / "file").touch()
    assert not executor.sees(tmp_path / "file")
    monkeypatch.setattr("pathlib.Path.touch", lambda path: None)  # what is written here does not come to be there
    assert not executor.sees(tmp_path / "new")


def written(study: facegap.Study, folder: Path, executor: facegap.Executor) -> bytes:
    """Return evaluation.parquet, run time aside, of a study with a store of its own."""
    made = facegap.evaluate(replace(study, store=folder / "store"), executor=executor)
    made.timed(0.0).to_parquet(folder / "evaluation.parquet")
    return (folder / "evaluation.parquet").read_bytes()


@pytest.mark.parametrize("source", ["files", "saved", "pairs", "scores"])
def test_an_evaluation_is_the_same_bytes_as_from_threads(cluster, studies, tmp_path, source):
    made = []
    for name, executor in (("threads", Threads(2)), ("one", on_ray(workers=1)), ("three", on_ray())):
        (tmp_path / name).mkdir()
        made.append(written(studies[source], tmp_path / name, executor))
    assert made[0] == made[1] == made[2]


def test_it_keeps_the_promises_of_executors(cluster):
    check_executor(OnRay)


class Pids:
    """A result that remembers the processes that made its parts, and those that added them up."""

    def __init__(self, items: list[int], made: set[int], added: set[int]) -> None:
        self.items, self.made, self.added = items, made, added

    def __add__(self, other: "Pids") -> "Pids":
        return Pids(self.items + other.items, self.made | other.made, self.added | other.added | {os.getpid()})


def in_this_process(item: int) -> Pids:
    time.sleep(0.01)
    return Pids([item], {os.getpid()}, set())


def test_no_process_is_started_to_add_up_what_three_workers_make(cluster):
    """One that takes no processor would be Ray's to start, and would load all that a worker has loaded already."""
    found = [each for _, each in OnRay(3).sums(lambda: in_this_process, range(60))]
    assert [item for each in found for item in each.items] == list(range(60))
    assert any(each.added for each in found)
    assert all(each.added <= each.made and len(each.made) == 1 for each in found)


def test_of_many_workers_few_sums_come_to_the_process_that_asked(cluster, monkeypatch):
    monkeypatch.setattr("facegap.run.ray_sums.MOST", 1)
    found = list(OnRay(20).sums(lambda: in_this_process, range(60)))
    assert [number for number, _ in found] == [3] * 20
    assert [item for _, each in found for item in each.items] == list(range(60))


@pytest.mark.parametrize("source", ["files", "saved"])
def test_workers_that_are_killed_lose_nothing(cluster, studies, tmp_path, source):
    (tmp_path / "killed").mkdir()
    unlucky = Unlucky(tmp_path / "killed")
    unlucky_bytes = written(studies[source], tmp_path, unlucky)
    assert len(list((tmp_path / "killed").iterdir())) > 3  # embedding, genuine scores, counts, subjects
    (tmp_path / "calm").mkdir()
    assert written(studies[source], tmp_path / "calm", Serial()) == unlucky_bytes


def test_workers_of_a_session_that_has_ended_are_not_asked(cluster):
    assert list(OnRay(1).map(lambda: lambda item: item, [1])) == [1]
    ray.shutdown()
    assert list(OnRay(1).map(lambda: lambda item: item, [2])) == [2]
    ray.shutdown()
    connected(None, 1)
    free_processors()


def test_work_that_ends_every_worker_ends_in_one_line(cluster, monkeypatch):
    monkeypatch.setattr("facegap.run.ray_executor.RETRIES", 1)
    list(OnRay(2).map(lambda: lambda item: item, [0]))  # so that the one below is begun anew, with fewer retries

    def work(_: int) -> None:
        os._exit(1)

    with pytest.raises(facegap.WorkerLost, match="a worker on Ray was lost 1 times at the same work") as raised:
        list(OnRay(1).map(lambda: work, range(2)))
    assert "\n" not in str(raised.value)


def test_a_worker_has_a_gpu_of_its_own_where_models_run_on_cuda(cluster):
    def work(_: int) -> tuple[int, ...]:
        time.sleep(0.05)
        return tuple(ray.get_gpu_ids())

    executor = executor_named("ray", 2, gpus=1)
    assert {len(held) for held in executor.map(lambda: work, range(20))} == {1}


def test_a_cluster_that_cannot_be_used_is_one_line_before_any_work(cluster, monkeypatch):
    with pytest.raises(InputError, match="the Ray cluster has 3 processors and 3 GPUs, room for 3 workers, not 4"):
        on_ray(workers=4)
    with pytest.raises(InputError, match="room for 1 workers, not 2"):
        on_ray(workers=2, gpus=2)
    monkeypatch.setattr("facegap.run.ray_cluster.version", lambda _: "0.0")
    with pytest.raises(InputError, match=r"facegap is .* on the Ray machine [\d.]+, and 0.0 here: install the same"):
        on_ray()
    monkeypatch.undo()
    monkeypatch.setattr("platform.python_version", lambda: "3.9.1")
    with pytest.raises(InputError, match=r"Python is 3\..* on the Ray machine [\d.]+, and 3.9.1 here"):
        on_ray()


def test_a_head_that_has_no_workers_is_looked_at_from_afar(cluster, monkeypatch):
    """What is handed out by `ray://` is unpacked there, and a training is begun there."""
    from ray.util.client import ray as client

    monkeypatch.setattr("facegap.run.ray_cluster.version", lambda _: "0.0")
    without = [{**node, "Resources": {}} for node in ray.nodes()]
    monkeypatch.setattr(ray, "nodes", lambda: without)
    check_versions(ray)
    monkeypatch.setattr(client, "is_connected", lambda: True)
    with pytest.raises(InputError, match=r"facegap is .* on the Ray machine [\d.]+, and 0.0 here: install the same"):
        check_versions(ray)


@pytest.mark.parametrize("way", ["map", "sums"])
def test_a_machine_that_cannot_set_a_worker_up_is_named_in_one_line(cluster, way):
    def no_package():
        import a_package_of_nowhere

        return a_package_of_nowhere

    def no_file():
        raise facegap.ModelError("m.onnx is gone")

    with pytest.raises(InputError, match=r"^the Ray machine [\d.]+ lacks the package a_package_of_nowhere, which"):
        list(getattr(OnRay(2), way)(no_package, range(4)))
    with pytest.raises(facegap.ModelError, match=r"^on the Ray machine [\d.]+: m\.onnx is gone$"):
        list(getattr(OnRay(2), way)(no_file, range(4)))


def test_a_machine_that_dies_while_it_is_asked_is_none(cluster, monkeypatch):
    """Ray lists a machine for a while after its death."""
    real, listed = ray.nodes(), iter([True])
    gone = {**real[0], "NodeID": "0" * len(real[0]["NodeID"])}
    monkeypatch.setattr(ray, "nodes", lambda: [*real, gone] if next(listed, False) else real)
    assert on_ray() == OnRay(3)
    monkeypatch.setattr(ray, "nodes", lambda: [*real, gone])
    with pytest.raises(InputError, match=r"^the Ray machine [\d.]+ does not work \(TaskUnschedulableError\): mend it$"):
        on_ray()


@pytest.mark.parametrize("replaced", [True, False])
def test_a_machine_that_dies_loses_nothing(cluster, replaced):
    """The last of the tests on the cluster, which has a machine less after each."""

    def work(item: int) -> int:
        time.sleep(0.02)
        return item * item

    executor, found = on_ray(), []
    for result in executor.map(lambda: work, range(150)):
        found.append(result)
        if result == 25:
            cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)
            if replaced:
                cluster.add_node(num_cpus=1)
    assert found == [x * x for x in range(150)]
    assert list(executor.map(lambda: work, range(3))) == [0, 1, 4]


def test_a_machine_that_comes_after_others_had_to_do_without_is_used(cluster, monkeypatch):
    monkeypatch.setattr("facegap.run.ray_pool.LOOK", 0.5)

    def work(_: int) -> int:
        time.sleep(0.05)
        return os.getpid()

    executor, late = on_ray(), set()
    for number, process in enumerate(executor.map(lambda: work, range(2000))):
        if number == 20:
            cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)
        if number == 100:  # in order, so what the dead machine had is done by others
            cluster.add_node(num_cpus=1)
        if number > 120:
            late.add(process)
        if len(late) == executor.workers:
            break
    assert len(late) == executor.workers
