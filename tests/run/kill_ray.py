"""Kill machines of a Ray cluster, and the process that asked, amid their work: prints kills survived and tried.

    python -m run.kill_ray FOLDER      with src, . and tests on PYTHONPATH

Three machines with a processor each, as processes, and a head that computes nothing. Work stands still where a kill is
to come: the file `hold` names a step, and each worker in that step waits. Every study must end with the bytes that
threads give.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

import facegap
from facegap.run.executor import Threads
from facegap.run.ray_executor import OnRay, on_ray
from facegap.scoring import Kept, keeping, tiles
from facegap.synthetic import write_population

STEPS = {"WritingMaker": "embedding", "ShardCounter": "comparing", "ShardAdder": "intervals"}
"""What sets up the workers of each step."""

PLAN = {
    "images": "mmmddd embedding",
    "saved": "mmmdd comparing, mmdd intervals",
    "saved again": "dm comparing, dmm intervals",
}
"""Each study with the kills that it has to survive, one after another: of a machine (m) or the driver (d), by step."""

PATIENCE = 240.0
"""Seconds that a step may take to begin: starting Ray's processes takes long where others keep the processors busy."""


class Watched:
    """Sets up what `maker` does; each item leaves a mark with its step and machine, and waits while it is held."""

    def __init__(self, maker: Callable[[], Callable[[Any], Any]], folder: Path) -> None:
        self.maker, self.folder, self.step = maker, folder, STEPS.get(type(maker).__name__, "other")

    def __call__(self) -> Callable[[Any], Any]:
        import ray

        work, machine = self.maker(), ray.get_runtime_context().get_node_id()

        def watched(item: Any) -> Any:
            (self.folder / "begun" / f"{self.step}-{machine}-{uuid4().hex}").touch()
            while held(self.folder) == self.step:
                time.sleep(0.05)
            return work(item)

        return watched


class WatchedRay(OnRay):
    """Workers on Ray that are watched."""

    folder: Path

    def map(self, make_worker: Any, items: Any, **options: Any) -> Iterator[Any]:
        return super().map(Watched(make_worker, self.folder), items, **options)

    def sums(self, make_worker: Any, items: Any) -> Iterator[Any]:
        return super().sums(Watched(make_worker, self.folder), items)


def held(folder: Path) -> str:
    """Return the step that is held, "" where none is."""
    try:
        return (folder / "hold").read_text()
    except FileNotFoundError:
        return ""


def hold(folder: Path, step: str) -> None:
    (folder / "new").write_text(step)
    (folder / "new").replace(folder / "hold")


def drive(folder: Path, name: str, out: Path, *, ray: bool) -> None:
    """Run a study in small shards that are kept at once, and write evaluation.parquet, run time aside."""
    keeping.LONG, keeping.EVERY, keeping.SHARE, tiles.LEAST = 0, 0.0, 0, 1
    Kept.fits = lambda *_: False
    WatchedRay.folder = folder
    executor = WatchedRay(on_ray().workers) if ray else Threads(2)
    inputs = [folder / "people"] if name == "images" else [f"{each}={folder / each}.npz" for each in "ab"]
    study = facegap.Study(inputs=inputs, models=["dlib"] if name == "images" else [], store=folder / f"{name} {ray}")
    facegap.evaluate(study, executor=executor).timed(0.0).to_parquet(out)


def prepare(folder: Path) -> None:
    (folder / "begun").mkdir()
    write_population(folder / "people", subjects=48, images=6, spread=0.8, seed=0, size=96)
    rng = np.random.default_rng(1)
    for name in "ab":
        subject = np.repeat(np.arange(800), 5)
        vectors = rng.normal(size=(800, 8))[subject] + rng.normal(size=(4000, 8))
        np.savez(folder / f"{name}.npz", embedding=vectors.astype(np.float32), subject=subject.astype(str))


def marks(folder: Path, step: str) -> set[str]:
    return {path.name for path in (folder / "begun").iterdir() if path.name.startswith(step)}


def begun(folder: Path, step: str, known: set[str], driver: subprocess.Popen) -> str:
    """Return the machine of an item of a step that was not known, once there is one; "" if the study ends before."""
    patient_until = time.monotonic() + PATIENCE
    while not (new := marks(folder, step) - known):
        if driver.poll() is not None or time.monotonic() > patient_until:
            return ""
        time.sleep(0.05)
    return max(new).split("-")[1]


def in_turn(plan: str) -> list[tuple[str, str]]:
    """Return who is killed in which step, one after another."""
    parts = [part.split() for part in plan.split(", ")]
    return [({"m": "machine", "d": "driver"}[letter], step) for letters, step in parts for letter in letters]


def survived(folder: Path, name: str, kills: list[tuple[str, str]], cluster: Any) -> int:
    """Run a study, kill as planned, and return how many kills there were; 0 if it ended otherwise than with threads."""
    out, done = folder / f"{name}.parquet", 0
    start = [sys.executable, "-m", "run.kill_ray", str(folder), "drive", name, str(out)]
    hold(folder, kills[0][1])
    known, driver = marks(folder, ""), subprocess.Popen(start)
    for who, step in kills:
        hold(folder, step)
        machine = begun(folder, step, known, driver)
        if not machine:
            print(f"{name}: {step} was over before a kill", file=sys.stderr)
            break
        if who == "driver":
            driver.send_signal(signal.SIGKILL)
            driver.wait()
            known, driver = marks(folder, ""), subprocess.Popen(start)
        else:
            cluster.remove_node(next(n for n in cluster.worker_nodes if n.node_id == machine), allow_graceful=False)
            cluster.add_node(num_cpus=1)
            known = marks(folder, "")
            hold(folder, "nothing")
            begun(folder, step, known, driver)
            known = marks(folder, "")
        done += 1
        print(f"{time.strftime('%X')} {name}: {who} {step}", file=sys.stderr, flush=True)
    hold(folder, "nothing")
    expected = folder / f"{name} threads.parquet"
    drive(folder, name, expected, ray=False)
    ended = driver.wait(PATIENCE) == 0 and out.read_bytes() == expected.read_bytes()
    return done if ended else 0


def main(folder: Path) -> None:
    from ray.cluster_utils import Cluster

    prepare(folder)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    try:
        for _ in range(3):
            cluster.add_node(num_cpus=1)
        os.environ["RAY_ADDRESS"] = cluster.address
        plan = {name: in_turn(text) for name, text in PLAN.items()}
        print(sum(survived(folder, *each, cluster) for each in plan.items()), sum(map(len, plan.values())))
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    if sys.argv[2:3] == ["drive"]:
        drive(Path(sys.argv[1]), sys.argv[3], Path(sys.argv[4]), ray=True)
    else:
        main(Path(sys.argv[1]))
