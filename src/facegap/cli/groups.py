"""Groups of options that several commands share, and the study that they ask for."""

import inspect
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facegap.cli import options
from facegap.run.remote import place

if TYPE_CHECKING:
    from facegap.data.limits import Limits
    from facegap.faces import FaceOptions
    from facegap.jobs.study import Study
    from facegap.models import GivenModel, ModelSource, PairModel
    from facegap.run.executor import Executor


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command as typer takes it: each parameter that is a group of options is replaced by these options.

    A group is a dataclass whose fields are annotated as the parameters of a command are.
    """
    signature = inspect.signature(command)
    groups: dict[str, Any] = {
        name: each.annotation for name, each in signature.parameters.items() if is_dataclass(each.annotation)
    }

    @wraps(command)
    def with_groups(**values: Any) -> None:
        options.check_local(values.values())
        made = {name: group(**{f.name: values.pop(f.name) for f in fields(group)}) for name, group in groups.items()}
        command(**values, **made)

    parameters = [each for one in signature.parameters.values() for each in _options_of(one)]
    with_groups.__signature__ = signature.replace(parameters=parameters)  # pyright: ignore[reportAttributeAccessIssue]
    return with_groups


def _options_of(parameter: inspect.Parameter) -> list[inspect.Parameter]:
    group = parameter.annotation
    if not is_dataclass(group):
        return [parameter]
    return [parameter.replace(name=f.name, annotation=f.type, default=f.default) for f in fields(group)]


@dataclass(frozen=True)
class NetworkOptions:
    """What an ONNX model expects, where its file does not say."""

    preset: Annotated[
        str | None,
        typer.Option(
            help="Contract of ONNX models, e.g. arcface; docs/models.md lists them. FILE.onnx,preset=... for one."
        ),
    ] = None
    output: Annotated[
        str | None, typer.Option(help="Which output of ONNX models is the embedding. FILE.onnx,output=... for one.")
    ] = None

    def parsed(self, text: str, device: str = "cpu") -> "ModelSource":
        """Return the model that a text names; see `facegap.models.parse_model`."""
        from facegap.models import parse_model

        return parse_model(text, device=device, **vars(self))


@dataclass(frozen=True)
class ModelOptions(NetworkOptions):
    """How models are used."""

    jitters: Annotated[int, typer.Option(min=1, help="dlib's num_jitters.")] = 1


@dataclass(frozen=True)
class DetectionOptions:
    """How faces are found."""

    face: options.Face = "main"
    detector: options.Detector = None
    max_side: Annotated[int, typer.Option(min=1, help="Longer sides of images are reduced to so many pixels.")] = 2048
    min_face: Annotated[
        int | None, typer.Option(min=1, help="Side in pixels of the smallest face worth finding (dlib-hog; faster).")
    ] = None
    max_pixels: Annotated[
        int,
        typer.Option(
            min=1, help="Images with more pixels, or that take more than 4.5 bytes for each, are not decoded."
        ),
    ] = 200_000_000

    def faces(self) -> "FaceOptions":
        """Return these options as the library takes them."""
        from facegap.faces import FaceOptions

        return FaceOptions(
            detector=self.detector,
            rule=self.face,
            max_side=self.max_side,
            min_face=self.min_face,
            max_pixels=self.max_pixels,
        )


@dataclass(frozen=True)
class ReadingOptions:
    """How inputs are read."""

    layout: options.Layout = None
    subject_from: Annotated[
        str | None,
        typer.Option(
            help="Regular expression with the group (?P<subject>...) for the names of images; or lfw-flat, fgnet, "
            "agedb, morph, cfd, utk, numbered."
        ),
    ] = None
    merge_ids: Annotated[
        bool, typer.Option("--merge-ids", help="Ids in several forms, 001 and 1, are one subject.")
    ] = False
    separate_subjects: Annotated[
        bool | None,
        typer.Option(
            "--separate-subjects/--same-subjects",
            help="Equal names in two inputs are two people, or one; by default numbers are two and other names one.",
        ),
    ] = None
    cohort_by: Annotated[
        list[str] | None,
        typer.Option(
            "--cohort",
            help="Attribute(s) that make the cohorts: sex; sex,age; age:0-17,18-29,30- or age:quartiles for bins.",
        ),
    ] = None
    image_root: options.ImageRoot = None


@dataclass(frozen=True)
class RunningOptions:
    """Where the work runs, and what it keeps."""

    store: Annotated[
        Path | None,
        typer.Option(parser=place, metavar="<path>", help="Folder, or URL, that keeps embeddings between runs."),
    ] = None
    workers: Annotated[int | None, typer.Option(min=1, help="How much is done at once; all processors by default.")] = (
        None
    )
    executor: Annotated[
        str | None,
        typer.Option(help="threads, processes, serial, ray or ray://HOST:PORT, instead of what suits the models."),
    ] = None
    max_cpu_temp: Annotated[
        float | None, typer.Option(help="Wait while the processor is hotter, in degrees Celsius.")
    ] = None

    @property
    def gpus(self) -> int:
        """How many GPUs a worker takes."""
        return 0

    def chosen(self) -> "Executor | None":
        """Return what `--executor` and `--workers` ask for, or None where a job chooses.

        Raises:
            InputError: there is no such executor, or it does not take so many workers.
        """
        from facegap.run.executor import executor_named

        return None if self.executor is None else executor_named(self.executor, self.workers, gpus=self.gpus)


@dataclass(frozen=True)
class LimitOptions:
    """The error rates that models are held to."""

    limit: Annotated[
        list[str] | None,
        typer.Option(
            help="The highest rate that is good enough: fmr=1e-4, fnmr=0.02; by default fmr=1e-3 and fnmr=0.05."
        ),
    ] = None

    def limits(self) -> "Limits":
        """Return the limits as the library takes them.

        Raises:
            InputError: one is not understood.
        """
        from facegap.data.limits import parse_limits

        return parse_limits(self.limit or [])


@dataclass(frozen=True)
class DeviceOptions(RunningOptions):
    """Where the work runs, models on a device of their own."""

    device: options.Device = "cpu"

    @property
    def gpus(self) -> int:
        """How many GPUs a worker takes: its models run on one where they run on CUDA."""
        return int(self.device.startswith("cuda"))


def study(
    inputs: Sequence[str],
    models: "Sequence[ModelSource | GivenModel | PairModel]",
    detection: DetectionOptions,
    reading: ReadingOptions,
    running: RunningOptions,
    *,
    anonymous: bool,
    comparator: str = "cosine",
    command: str = "",
    **more: Any,
) -> "Study":
    """Return what a command asks for. `command`: its line, by default as it was given. `more`: further fields.

    Raises:
        InputError: a value cannot be used.
    """
    from facegap.data.comparator import OF_EMBEDDINGS, Comparator
    from facegap.jobs.study import Study

    return Study(
        inputs=inputs,
        models=models,
        layout=reading.layout,
        subject_from=reading.subject_from,
        merge_ids=reading.merge_ids,
        separate_subjects=reading.separate_subjects,
        cohort_by=options.split_names(reading.cohort_by),
        images=reading.image_root,
        faces=detection.faces(),
        comparator=Comparator(options.one_of("--comparator", comparator, OF_EMBEDDINGS)),
        store=running.store,
        workers=running.workers,
        max_cpu_temp=running.max_cpu_temp,
        anonymous=anonymous,
        command=command or shlex.join(["facegap", *sys.argv[1:]]),
        **more,
    )
