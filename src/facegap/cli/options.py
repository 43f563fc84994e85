"""Options that several commands share, and how their values are read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegap.errors import InputError

if TYPE_CHECKING:
    from facegap.run.executor import Executor

Store = Annotated[Path | None, typer.Option(help="Folder that keeps embeddings between runs.")]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model", "-m", help="dlib, dlib:WEIGHTS.dat, FILE.onnx, PACK/ or a plug-in's name; NAME=... names it."
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", help="dlib, dlib:WEIGHTS.dat, FILE.onnx, PACK/ or a plug-in's name; NAME=... names it."
    ),
]
Preset = Annotated[
    str | None,
    typer.Option(
        help="Contract of ONNX models, e.g. arcface; docs/models.md lists them. FILE.onnx,preset=... for one."
    ),
]
Output = Annotated[
    str | None, typer.Option(help="Which output of ONNX models is the embedding. FILE.onnx,output=... for one.")
]
Jitters = Annotated[int, typer.Option(min=1, help="dlib's num_jitters.")]
Face = Annotated[str, typer.Option(help="Which of several faces: main, largest, central, first or only.")]
Detector = Annotated[
    str | None,
    typer.Option(
        help="dlib-hog, yunet:FILE.onnx, scrfd:FILE.onnx, mtcnn, box (columns of the table), none (already cropped) or "
        "a plug-in's name; by default that of the model's pack, else dlib-hog."
    ),
]
MaxSide = Annotated[int, typer.Option(min=1, help="Longer sides of images are reduced to so many pixels.")]
MinFace = Annotated[
    int | None, typer.Option(min=1, help="Side in pixels of the smallest face worth finding (dlib-hog; faster).")
]
MaxPixels = Annotated[
    int,
    typer.Option(min=1, help="Images with more pixels, or that take more than 4.5 bytes for each, are not decoded."),
]
Layout = Annotated[
    str | None,
    typer.Option(help="prefix, folders, cohort-folders, table, pairs or embeddings, instead of detecting it."),
]
SubjectFrom = Annotated[
    str | None,
    typer.Option(
        help="Regular expression with the group (?P<subject>...) for the names of images; or lfw-flat, fgnet, agedb, "
        "morph, cfd, utk, numbered."
    ),
]
MergeIds = Annotated[bool, typer.Option("--merge-ids", help="Ids in several forms, 001 and 1, are one subject.")]
SeparateSubjects = Annotated[
    bool | None,
    typer.Option(
        "--separate-subjects/--same-subjects",
        help="Equal names in two inputs are two people, or one; by default numbers are two and other names one.",
    ),
]
CohortBy = Annotated[list[str] | None, typer.Option(help="Attribute(s) that make the cohorts, e.g. sex or sex,age.")]
ImageRoot = Annotated[Path | None, typer.Option(help="Folder that a table's relative paths start from.")]
CompareBy = Annotated[str, typer.Option(help="cosine or euclidean, for saved embeddings.")]
Device = Annotated[
    str,
    typer.Option(
        help="Where ONNX models embed: cpu, cuda, cuda:N or another provider of ONNX Runtime (docs/models.md)."
    ),
]
Workers = Annotated[int | None, typer.Option(min=1, help="How much is done at once; all processors by default.")]
ExecutorName = Annotated[
    str | None,
    typer.Option("--executor", help="threads, processes or serial, instead of what suits the models."),
]
MaxCpuTemp = Annotated[float | None, typer.Option(help="Wait while the processor is hotter, in degrees Celsius.")]
Anonymous = Annotated[
    bool,
    typer.Option("--anonymous", help="Codes for subjects and images, no path, no face: see docs/privacy.md."),
]


General = Annotated[
    list[str] | None, typer.Option(help="[NAME=]PATH of other people, for whom the model must not be worse.")
]
NoGeneral = Annotated[
    bool, typer.Option("--no-general", help="There are no other people: go on, and never know what it costs them.")
]


def others(general: list[str] | None, no_general: bool) -> list[str] | None:
    """Return the inputs with other people, none if the user forgot them, or None where the user wants none.

    Raises:
        InputError: both options are given.
    """
    if general and no_general:
        raise InputError("--general and --no-general exclude each other: give one of them")
    return None if no_general else general or []


def one_of(option: str, value: str, allowed: tuple[str, ...]) -> str:
    """Return the value of an option that is one of a few words.

    Raises:
        InputError: it is none of them.
    """
    if value not in allowed:
        raise InputError(f"{option} {value!r} is unknown: choose one of {', '.join(allowed)}")
    return value


def false_match_rate(text: str) -> float:
    """Return the rate in `fmr=1e-3`.

    Raises:
        InputError: the text says no false match rate.
    """
    try:
        name, value = text.split("=")
        rate = float(value)
    except ValueError:
        name, rate = "", 0.0
    if name != "fmr" or not 0 < rate < 1:
        raise InputError(f"--at {text!r} is not understood: write a false match rate, e.g. --at fmr=1e-3")
    return rate


def executor_of(name: str | None, workers: int | None) -> "Executor | None":
    """Return what `--executor` and `--workers` ask for, or None where a job chooses.

    Raises:
        InputError: there is no such executor, or it does not take so many workers.
    """
    from facegap.run.executor import executor_named

    return None if name is None else executor_named(name, workers)


def split_names(texts: list[str] | None) -> list[str]:
    """Return the names in texts that may hold several, parted by commas."""
    return [name.strip() for names in texts or () for name in names.split(",")]


def devices(embed: str, compare: str | None) -> tuple[str, str]:
    """Return where embeddings are made and where they are compared; None: on the same CUDA device, if torch is there.

    A provider that torch has nothing for leaves the comparing to the processor.
    """
    from importlib.util import find_spec

    if embed == "torch:cpu":
        return "cpu", compare or embed
    if compare is None:
        compare = embed if embed.partition(":")[0] == "cuda" and find_spec("torch") is not None else "cpu"
    return embed, compare
