"""What is to be trained, and whether it can be at all: asked before any work."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facegap.errors import InputError
from facegap.jobs.proving import MARGIN, check_general
from facegap.jobs.study import Study
from facegap.jobs.train.folder import Folder
from facegap.jobs.train.recipe import DEFAULT_MACHINE, Machine, Recipe
from facegap.jobs.train.smaller import Smaller
from facegap.models import ModelSource, parse_model
from facegap.run.executor import Executor
from facegap.run.ray_executor import OnRay


@dataclass(frozen=True)
class Order:
    """What is to be trained.

    `study`: which images, how their faces are found, and how the result is measured; its models are not looked at.
    `out`: the ONNX file. `general`: inputs of people whom the model must not serve worse, by more than `margin` in AUC;
    None: there are none, and what it costs them stays unknown.
    `against`: the model it is held against, as `--model` takes it. `precisions`: further files to write.
    `signature`, `licence`: texts for the file.
    """

    study: Study
    out: Path
    recipe: Recipe
    machine: Machine = DEFAULT_MACHINE
    general: Sequence[str | Path] | None = ()
    against: str = "dlib"
    margin: float = MARGIN
    precisions: tuple[Smaller, ...] = ()
    signature: str = ""
    licence: str = ""

    @property
    def folder(self) -> Folder:
        """Where the state of the training lies."""
        return Folder(self.out.with_suffix(".training"))

    def checked(self, executor: Executor | None) -> ModelSource:
        """Return the model that the network is held against, if all that was ordered can be done.

        Raises:
            InputError: it cannot.
            ModelError: there is no such model.
        """
        if self.out.suffix.lower() != ".onnx":
            raise InputError("{out} is no name of an ONNX file: end it in .onnx", out=self.out)
        against = parse_model(self.against)
        if against.spec.name == self.out.stem:
            raise InputError(
                "both models are called {stem!r}: name the old one apart, --against old=MODEL", stem=self.out.stem
            )
        check_general(self.general)
        if self.machine.devices != "auto":
            self.recipe.check_shared(int(self.machine.devices) * self.machine.nodes)
        if isinstance(executor, OnRay):
            from facegap.jobs.train.on_ray import check_ray

            check_ray(executor, self.recipe, self.machine, self.folder, self.study.store)
        elif self.machine.checkpoints is not None:
            raise InputError(
                "--checkpoints is for training on Ray: leave it out, the state lies in {folder}",
                folder=self.folder.path,
            )
        return against
