"""Training on Ray, seen from the process that asks for it: checked before any work, begun, followed, and fetched."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from facegap.errors import InputError, WorkerLost
from facegap.jobs.train.folder import Folder
from facegap.jobs.train.loop import take_best
from facegap.jobs.train.network import FaceNetwork
from facegap.jobs.train.recipe import Machine, Recipe
from facegap.jobs.train.training import Lesson, Training
from facegap.report.text.language import current_language
from facegap.run.files import whole_file
from facegap.run.progress import Progress
from facegap.run.ray_cluster import check_versions, living, seen_by_all
from facegap.run.ray_connection import connected
from facegap.run.ray_executor import OnRay, free_processors
from facegap.run.remote import RemotePath
from facegap.store import store_root, store_url

OF_RAY = ("pandas", "pyarrow", "pydantic", "fsspec")
"""What Ray's training stands on, besides Ray."""

SAME = ("torch", "lightning", "timm", "pytorch-metric-learning", "opencv-python-headless", "pandas", "pyarrow")
"""Packages of which all machines have the same version."""

LOOK = 0.3
"""Seconds between two looks at what was told."""

LET_GO = 60.0
"""Seconds after which Ray has ended the training of a process that died; usually it takes two."""


@dataclass(frozen=True)
class Room:
    """How many workers train, and the processors that each has for itself, with a GPU if `gpu`."""

    workers: int
    processors: int
    gpu: bool


@dataclass(frozen=True, eq=False)
class Work:
    """What each worker is given.

    `training`: with the weights that it begins with, the same for all. `store`: the URL of the store of the crops, None
    where all see its folder. `place`: the absolute folder, or the URL, that keeps the state, below it in a folder
    `name`. `called`: what a person calls it. `language`: that of what is said.
    """

    training: Training
    lesson: Lesson
    recipe: Recipe
    machine: Machine
    room: Room
    store: str | None
    place: Path | RemotePath
    name: str
    called: str
    language: str


def check_ray(executor: OnRay, recipe: Recipe, machine: Machine, folder: Folder, store: str | Path | None) -> None:
    """Refuse what cannot be trained on a cluster.

    Raises:
        InputError: `--nodes` was given, packages are missing or differ, there are too few processors or GPUs, or
            machines do not see what they must.
    """
    if machine.nodes > 1:
        raise InputError("--nodes is for training without Ray: leave it out, --devices counts the workers of all")
    if missing := [name for name in OF_RAY if find_spec(name) is None]:
        raise InputError(
            "training on Ray needs {missing}, not installed here: pip install 'facegap[ray,train]'",
            missing=", ".join(missing),
        )
    ray = connected(None, executor.workers)
    check_versions(ray, *SAME)
    room_on(ray, recipe, machine)
    place = _place(machine, folder)
    seen = place if isinstance(place, RemotePath) else place.parent
    if not seen_by_all(ray, seen):
        raise InputError(
            "machines of the Ray cluster do not see {folder}, or cannot write there: name a folder that all see, or a "
            "URL, with --checkpoints",
            folder=seen,
        )
    if store_url(store) is None and not seen_by_all(ray, store_root(store)):
        raise InputError(
            "machines of the Ray cluster do not see the store {store}: name a folder that all see, or a URL, with "
            "--store",
            store=store_root(store),
        )


def room_on(ray: Any, recipe: Recipe, machine: Machine) -> Room:
    """Return where a training goes: on GPUs if there are some, else a worker for each machine, unless others are asked.

    Each worker has as many processors as all find room with.

    Raises:
        InputError: there is no room for as many.
    """
    nodes = [(int(held["CPU"]), int(held.get("GPU", 0))) for held in (node["Resources"] for node in living(ray))]
    gpus = sum(of_node for _, of_node in nodes)

    def room(processors: int) -> int:
        """Return how many workers there is room for that have so many processors each."""
        return sum(min(have // processors, of_node if gpus else have) for have, of_node in nodes)

    if machine.devices == "auto":
        most = min(room(1), gpus or len(nodes))
        workers = next((n for n in range(most, 1, -1) if recipe.shared_by(n)), 1)
    else:
        workers = int(machine.devices)
    if workers > room(1):
        raise InputError(
            "the Ray cluster has {processors:g} processors and {gpus:g} GPUs, room for {room} workers that train, not "
            "{workers}: see --devices",
            processors=sum(have for have, _ in nodes),
            gpus=gpus,
            room=room(1),
            workers=workers,
        )
    most = max(have for have, _ in nodes)
    return Room(workers, next(n for n in range(most, 0, -1) if room(n) >= workers), gpus > 0)


def fit_on_ray(
    network: FaceNetwork,
    lesson: Lesson,
    recipe: Recipe,
    machine: Machine,
    folder: Folder,
    executor: OnRay,
    store: str | None,
    *,
    progress: Progress,
    say: Callable[[str], None],
) -> None:
    """Train the network on Ray, or go on with it, and leave the weights of the best epoch in it.

    `store`: the URL of the store that the crops lie in, None for a folder that all machines see.

    Raises:
        InputError: another process trains it, or the state is damaged.
        WorkerLost: training was lost too often, or the cluster is gone.
    """
    if not folder.finished:
        ray = connected(None, executor.workers)
        free_processors()
        room, place = room_on(ray, recipe, machine), _place(machine, folder)
        own = replace(machine, workers=room.processors, checkpoints=None)
        name, called = f"ray-{folder.digest}", folder.path.name
        training = Training(network, lesson, recipe)
        work = Work(training, lesson, recipe, own, room, store, place, name, called, current_language())
        epochs, state = _followed(ray, work, progress, say)
        with whole_file(folder.best) as file:
            file.write(state)
        folder.finish(epochs)
    take_best(network, folder)


def _place(machine: Machine, folder: Folder) -> Path | RemotePath:
    place = machine.checkpoints or folder.path
    return place if isinstance(place, RemotePath) else place.absolute()


def _followed(ray: Any, work: Work, progress: Progress, say: Callable[[str], None]) -> tuple[int, bytes]:
    """Return the number of epochs and the best state; see `TrainingRun.fit`."""
    try:
        run = _begun(ray, f"{work.place} {work.name}")
        try:
            made, error = _heard_to_its_end(ray, run, work, progress, say)
        finally:
            with suppress(ray.exceptions.RayError):
                ray.kill(run)
    except ray.exceptions.RayError as lost:
        raise WorkerLost(
            "the training on Ray is gone with its machine ({kind}): run the same command again, it goes on where it "
            "stopped",
            kind=type(lost).__name__,
        ) from None
    if error is not None:
        raise error
    return made


def _heard_to_its_end(ray: Any, run: Any, work: Work, progress: Progress, say: Callable[[str], None]) -> Any:
    """Return what `TrainingRun.fit` does, and hand on what is told meanwhile."""
    done, ended = run.fit.remote(work), False
    while not ended:
        ended = bool(ray.wait([done], timeout=LOOK)[0])
        step, lines = ray.get(run.heard.remote())
        for line in lines:
            say(line)
        if step is not None:
            progress(*step)
    return ray.get(done)


def _begun(ray: Any, name: str) -> Any:
    """Return the actor that trains, on the machine that this process is connected to; one of a name at a time.

    Raises:
        InputError: another process trains the same.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    from facegap.jobs.train.ray_loop import CONTROL, TrainingRun

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    actor = ray.remote(num_cpus=0, concurrency_groups={CONTROL: 1})(TrainingRun).options(
        name=name, namespace="facegap", scheduling_strategy=here
    )
    until = time.monotonic() + LET_GO
    while True:
        try:
            run = actor.remote()
            ray.get(run.heard.remote())  # from afar, only now is it said that the name is taken
            return run
        except ValueError as error:
            if "already taken" not in str(error):
                raise
            if time.monotonic() > until:
                raise InputError(
                    "another process has the Ray cluster train this, with its state in {place}: wait until it ends",
                    place=name.rpartition(" ")[0],
                ) from None
        time.sleep(LOOK)
