"""A black box that compares two images: a vendor's SDK, a cloud API, any Python function."""

import hashlib
import inspect
import re
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import CodeType
from typing import Any

from facegap.data.comparator import Comparator
from facegap.errors import ModelError
from facegap.models import adapters
from facegap.models.options import OF_PAIR_MODELS, check_options, split_options
from facegap.models.registry import PLUGINS
from facegap.run.places import exists
from facegap.run.text import one_line

NAMED = re.compile(r"(?:(?P<name>[^=:]+)=)?(?P<module>[A-Za-z_][\w.]*):(?P<function>[A-Za-z_]\w*)")
"""`vendor=my_api:compare`."""

DIRECTIONS = (Comparator.SIMILARITY, Comparator.DISTANCE)


@dataclass(frozen=True)
class PairModel:
    """A function that compares two images, and how it may be called.

    `score`: takes the paths of two image files and returns their score, or None (or NaN) where it can tell nothing. It
    is called from several threads at once, `workers` of them. An error that it raises is tried again `retries` times,
    after `wait` seconds and then twice as long each time; then the comparison has failed. `budget`: calls that a run
    may make, tries included. Answers are kept by `name`, `version` and the bytes of the images, and not asked again;
    without a `version` it is the text of the function, so an edited function is asked anew. `threshold`: the shipped
    one. `comparator`: `similarity` or `distance`, or None where the scores have to tell.

    Raises:
        ModelError: a value cannot be used, or the function has no text and no version was given.
    """

    score: Callable[[str, str], float | None]
    name: str = ""
    version: str = ""
    threshold: float | None = None
    comparator: Comparator | None = None
    budget: int | None = None
    retries: int = 2
    wait: float = 1.0
    workers: int = 4

    def __post_init__(self) -> None:
        if not callable(self.score):
            raise ModelError("score is {score!r}: give a function of two paths", score=self.score)
        if self.comparator not in (*DIRECTIONS, None):
            raise ModelError(
                "comparator {comparator!r} is none of scores: give 'similarity' or 'distance'",
                comparator=self.comparator,
            )
        for name, least in (("retries", 0), ("wait", 0), ("workers", 1), ("budget", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ModelError("{name}={value} cannot be: give {least} or more", name=name, value=value, least=least)
        own = getattr(self.score, "__name__", "")
        for name, found in (
            ("name", self.name or own * own.isidentifier()),
            ("version", self.version or _text_of(self.score)),
            ("comparator", self.comparator and Comparator(self.comparator)),
        ):
            object.__setattr__(self, name, found)
        for name in ("name", "version"):
            if not getattr(self, name):
                raise ModelError(
                    "{score!r} says no {name}: give one, {name}=...; answers are kept by it",
                    score=self.score,
                    name=name,
                )

    @property
    def key(self) -> str:
        """What answers are kept under: a hex sha256."""
        return hashlib.sha256("\0".join(("pair model", self.name, self.version)).encode()).hexdigest()


def parse_pair_model(text: str) -> PairModel | None:
    """Return the black box that `[NAME=]MODULE:FUNCTION[,threshold=T][,scores=S][,budget=N]` names, else None.

    The module is looked for in the working folder too. In place of a function it may hold a `PairModel`.

    Raises:
        ModelError: the module cannot be imported, has no such function, or an option makes no sense.
    """
    written, options = split_options(text)
    found = _named(written)
    if found is None:
        return None
    with _working_folder():
        if not _is_module(found["module"]):
            packages = ", ".join(f"{package}:NAME" for package in adapters.names())
            raise ModelError(
                "unknown model {text!r}: there is no module {module}, and no such package among {packages}",
                text=text,
                module=found["module"],
                packages=packages,
            )
        try:
            made = getattr(import_module(found["module"]), found["function"], None)
        except (Exception, SystemExit) as error:  # somebody else's code
            raise ModelError(
                "{text!r}: the module {module} cannot be imported ({kind}: {reason}): mend it",
                text=text,
                module=found["module"],
                kind=type(error).__name__,
                reason=one_line(error),
            ) from error
    if made is None:
        raise ModelError(
            "{text!r}: the module {module} has no {function}: name a function of it",
            text=text,
            module=found["module"],
            function=found["function"],
        )
    check_options(options, OF_PAIR_MODELS, text)
    model = made if isinstance(made, PairModel) else PairModel(made, name=found["name"] or found["function"])
    return replace(model, name=found["name"] or model.name, **_asked(options))


def names_pair_model(text: str) -> bool:
    """Return whether a text names a black box, as far as can be told without running its module."""
    found = _named(split_options(text)[0])
    if found is None:
        return False
    with _working_folder():
        return _is_module(found["module"])


def _named(written: str) -> re.Match[str] | None:
    found = NAMED.fullmatch(written)
    taken = {"dlib", *adapters.names(), *entry_points(group=PLUGINS).names}
    return None if found is None or found["module"] in taken or exists(written) else found


def _asked(options: dict[str, str]) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    try:
        asked |= {"threshold": float(options["threshold"])} if "threshold" in options else {}
        asked |= {"budget": int(options["budget"])} if "budget" in options else {}
    except ValueError:
        raise ModelError("threshold= and budget= take numbers: write e.g. threshold=0.4,budget=1000") from None
    return asked | ({"comparator": options["scores"]} if "scores" in options else {})


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):  # its package is not there
        return False


@contextmanager
def _working_folder():
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        yield
    finally:
        sys.path.remove(here)


def _text_of(function: Any) -> str:
    """Return a digest of what a function does, as far as it can be told, or ""."""
    try:
        return _digest(inspect.getsource(function))
    except (OSError, TypeError):
        code = getattr(function, "__code__", None)
        return _digest(*_parts(code)) if isinstance(code, CodeType) else ""


def _parts(code: CodeType) -> tuple[str, ...]:
    inner = [part for const in code.co_consts if isinstance(const, CodeType) for part in _parts(const)]
    plain = repr([const for const in code.co_consts if not isinstance(const, CodeType)])
    return code.co_code.hex(), plain, repr(code.co_names), *inner


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
