"""Options that several commands share, and how their values are read."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegap.errors import InputError
from facegap.run.remote import place

if TYPE_CHECKING:
    from facegap.metrics import ThresholdFrom

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
Face = Annotated[str, typer.Option(help="Which of several faces: main, largest, central, first or only.")]
Detector = Annotated[
    str | None,
    typer.Option(
        help="dlib-hog, yunet:FILE.onnx, scrfd:FILE.onnx, mtcnn, box (columns of the table), none (already cropped) or "
        "a plug-in's name; by default that of the model's pack, else dlib-hog."
    ),
]
Layout = Annotated[
    str | None,
    typer.Option(help="How inputs are laid out, e.g. folders, see docs/bring-your-own-data.md. Else it is found out."),
]
ImageRoot = Annotated[
    Path | None,
    typer.Option(
        parser=place, metavar="<path>", help="Folder, archive or URL that relative paths of a table start from."
    ),
]
CompareBy = Annotated[str, typer.Option(help="cosine or euclidean, for saved embeddings.")]
Device = Annotated[
    str,
    typer.Option(
        help="Where ONNX models embed: cpu, cuda, cuda:N or another provider of ONNX Runtime (docs/models.md)."
    ),
]
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
        raise InputError(
            "{option} {value!r} is unknown: choose one of {allowed}",
            option=option,
            value=value,
            allowed=", ".join(allowed),
        )
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
        raise InputError("--at {text!r} is not understood: write a false match rate, e.g. --at fmr=1e-3", text=text)
    return rate


def split_names(texts: list[str] | None) -> list[str]:
    """Return the names in texts that may hold several, parted by commas; bins stay with theirs: `sex,age:0-17,18-`."""
    from facegap.datasets.bins import BIN

    found: list[str] = []
    for text in texts or ():
        for at, name in enumerate(text.split(",")):
            bins = at and ":" in found[-1] and BIN.fullmatch(name)
            found[-1:] = [f"{found[-1]},{name.strip()}"] if bins else [*found[-1:], name.strip()]
    return found


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


def share(option: str, value: float, example: str) -> float:
    """Return the value of an option that is a share.

    Raises:
        InputError: it is none.
    """
    if not 0 < value < 1:
        raise InputError(
            "{option} {value:g} is no share: give a number between 0 and 1, e.g. {example}",
            option=option,
            value=value,
            example=example,
        )
    return value


LEAST_PLAIN = 10**6
"""A number without a unit that is smaller is no size: whoever writes `--memory 2` means gigabytes."""


def size(option: str, text: str) -> int:
    """Return the bytes that a text names: 500MB, 2G, 1.5 TB in powers of 1000, 2GiB in powers of 1024, or bytes.

    Raises:
        InputError: it names none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(?:([KMGT])(iB|B)?|B)?", text.strip(), re.IGNORECASE)
    forgotten = text.strip().isdecimal() and 0 < int(text) < LEAST_PLAIN
    if found is None or forgotten:
        raise InputError(
            "{option} {text!r} is no size: write e.g. {option} 2GB, in kB, MB, GB or TB (powers of 1000), KiB, MiB, "
            "GiB or TiB (powers of 1024), or bytes",
            option=option,
            text=text,
        )
    number, unit, of_1024 = found[1], found[2], (found[3] or "").lower() == "ib"
    return int(float(number) * (1024 if of_1024 else 1000) ** (1 + "KMGT".index(unit.upper()) if unit else 0))


def rates(texts: list[str] | None) -> list[float]:
    """Return the rates in texts that may hold several, parted by commas.

    Raises:
        InputError: one is no number.
    """
    try:
        return [float(text) for text in split_names(texts)]
    except ValueError:
        raise InputError(
            "--fmr {rates!r} is not understood: write e.g. --fmr 1e-4,1e-5", rates=",".join(texts or ())
        ) from None


def thresholds(cohorts: list[str], at: list[str]) -> "list[ThresholdFrom]":
    """Return the thresholds to choose: on each cohort at each rate.

    Raises:
        InputError: only one of both is given, or a rate is none.
    """
    from facegap.metrics import ThresholdFrom

    if bool(cohorts) != bool(at):
        raise InputError("--threshold-from and --at go together: e.g. --threshold-from general --at fmr=1e-3")
    rates = [false_match_rate(text) for text in at]
    return [ThresholdFrom(cohort, rate) for cohort in cohorts for rate in rates]


def check_local(values: Iterable[object]) -> None:
    """Refuse a URL among the paths that were given: a `Path` would name a folder of this machine, such as `s3:`.

    Raises:
        InputError: there is one.
    """
    for value in values:
        several = value if isinstance(value, list | tuple) else [value]
        for path in several:
            if isinstance(path, Path) and re.fullmatch(
                r"[A-Za-z][A-Za-z0-9+.\-]+:", path.parts[0] if path.parts else ""
            ):
                raise InputError(
                    "{url} is a URL, and a file or folder of this machine is needed here: give its path",
                    url=f"{path.parts[0]}//{'/'.join(path.parts[1:])}",
                )
