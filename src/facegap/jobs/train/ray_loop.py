"""Training on Ray, as Ray's own processes do it: one that sees to it, and workers that train with Lightning.

It imports Ray at its head, and is imported once there is one.
"""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ray
import torch
from lightning.pytorch import Callback

from facegap.errors import FacegapError, WorkerLost
from facegap.jobs.train.loop import make_loaders, make_trainer, threads, watching
from facegap.jobs.train.on_ray import Work
from facegap.jobs.train.quiet import quiet
from facegap.report.text import on_the_way
from facegap.report.text.language import in_language
from facegap.run.progress import Progress, mute, silent
from facegap.run.ray_worker import CONTROL
from facegap.run.remote import RemotePath
from facegap.store import store_root
from facegap.store.crops import CropStore

FAILURES = 3
"""So often training goes on that lost a worker, or failed."""

WAITS = 10
"""Minutes for which a machine that is gone may be waited for."""

REASON = 200
"""A reason is cut to so many letters: some of Ray's are pages."""


class TrainingRun:
    """Sees to a training: has Ray train, hears what is told on the way, and reads the best state."""

    def __init__(self) -> None:
        self._step: tuple[str, int, int] | None = None
        self._lines: list[str] = []

    def fit(self, work: Work) -> tuple[tuple[int, bytes] | None, FacegapError | None]:
        """Return how many epochs there were and the weights of the best one, as a state on disk has them; or an error.

        Whatever number of workers is lost, training goes on from the last epoch, up to `FAILURES` times.
        """
        from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
        from ray.train.torch import TorchTrainer

        run, room = ray.get_runtime_context().current_actor, work.room
        path, system = _storage(work.place)
        each = {"CPU": room.processors, **({"GPU": 1} if room.gpu else {})}
        trainer = TorchTrainer(
            lambda: learn(work, run),
            scaling_config=ScalingConfig(num_workers=room.workers, use_gpu=room.gpu, resources_per_worker=each),
            run_config=RunConfig(
                name=work.name,
                storage_path=path,
                storage_filesystem=system,
                failure_config=FailureConfig(max_failures=FAILURES, controller_failure_limit=WAITS),
                checkpoint_config=CheckpointConfig(num_to_keep=1, checkpoint_score_attribute="auc"),
            ),
        )
        try:
            result = trainer.fit()
            best = result.get_best_checkpoint("auc", "max")
            assert best is not None
            with best.as_directory() as folder:
                state = torch.load(_state_in(folder), map_location="cpu", weights_only=True)["state_dict"]
        except Exception as error:  # of many kinds, from any of the machines
            return None, _said(error, work)
        made = io.BytesIO()
        torch.save({"state_dict": state}, made)
        return (result.return_value or 0, made.getvalue()), None

    @ray.method(concurrency_group=CONTROL)
    def stepped(self, task: str, done: int, total: int) -> None:
        """Hear of a step."""
        self._step = task, done, total

    @ray.method(concurrency_group=CONTROL)
    def told(self, line: str) -> None:
        """Hear a line."""
        self._lines.append(line)

    @ray.method(concurrency_group=CONTROL)
    def heard(self) -> tuple[tuple[str, int, int] | None, list[str]]:
        """Return the last step and all lines that were heard since this was asked."""
        step, lines = self._step, self._lines
        self._step, self._lines = None, []
        return step, lines


def learn(work: Work, run: Any) -> int:
    """Train in one of Ray's workers together with the others, from the last state there is; return how many epochs."""
    from ray.train import get_checkpoint, get_context
    from ray.train.lightning import RayDDPStrategy, RayLightningEnvironment, RayTrainReportCallback, prepare_trainer

    recipe, machine, lesson = work.recipe, work.machine, work.lesson
    if work.store is not None:
        lesson = replace(lesson, crops=lesson.crops.fetched(CropStore(store_root(work.store))))
    first = get_context().get_world_rank() == 0
    progress, say = (_stepping(run), _saying(run)) if first else (silent, mute)
    logs = None if isinstance(work.place, RemotePath) else work.place
    with quiet(), threads(machine), in_language(work.language):
        report: Callback = RayTrainReportCallback()
        callbacks = [*watching(recipe, machine, progress, say), report]  # the last one: it saves the states of others
        where = {"strategy": RayDDPStrategy(), "plugins": [RayLightningEnvironment()], "enable_checkpointing": False}
        trainer = prepare_trainer(make_trainer(recipe, machine, callbacks, logs, devices="auto", **where))
        loaders = make_loaders(lesson, recipe, machine, trainer)
        checkpoint = get_checkpoint()
        if checkpoint is None:
            trainer.fit(work.training, *loaders)
        else:
            say(on_the_way.going_on(work.called))
            with checkpoint.as_directory() as folder:
                trainer.fit(work.training, *loaders, ckpt_path=_state_in(folder), weights_only=True)
    return trainer.current_epoch


def _stepping(run: Any) -> Progress:
    def progress(task: str, done: int, total: int) -> None:
        run.stepped.remote(task, done, total)

    return progress


def _saying(run: Any) -> Callable[[str], None]:
    """Return what hands lines over: each has arrived when it returns."""
    return lambda line: ray.get(run.told.remote(line))


def _state_in(folder: str) -> Path:
    from ray.train.lightning import RayTrainReportCallback

    return Path(folder, RayTrainReportCallback.CHECKPOINT_NAME)


def _storage(place: Path | RemotePath) -> tuple[str, Any]:
    """Return the path of a folder and the file system it is in, as Ray takes them: None for that of the machines."""
    if not isinstance(place, RemotePath):
        return str(place), None
    import fsspec
    from pyarrow.fs import FSSpecHandler, PyFileSystem

    system, path = fsspec.core.url_to_fs(str(place))
    return path, PyFileSystem(FSSpecHandler(system))


def _said(error: Exception, work: Work) -> FacegapError:
    """Return the error of a worker that a user can mend, or what is to be said of one that nobody foresaw."""
    failures = getattr(error, "worker_failures", None) or {0: getattr(error, "controller_failure", error)}
    failure = next(iter(failures.values()))
    failure = getattr(failure, "_base_exc", failure)
    if isinstance(failure, FacegapError):
        return failure
    lines = [line.strip() for line in str(failure).splitlines() if line.strip()]
    return WorkerLost(
        "training on Ray stopped, its state is in {place} ({reason}): run the same command again, it goes on where it "
        "stopped; if it stops again, delete the state",
        place=work.place / work.name,
        reason=(lines[-1] if lines else type(failure).__name__)[:REASON],
    )
