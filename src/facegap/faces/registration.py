"""How a detector is registered, and how it is found from what a user writes.

A detector that facegap brings is a module of `faces/detectors/`, named as users write it with "_" for "-", and holds a
`Registration` called `DETECTOR`. One of a package is a `Registration` that an entry point of the group `PLUGINS` names.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import iter_modules

from facegap.data.weights import sha256_of_file
from facegap.errors import InputError, ModelError, Phrase
from facegap.faces import detectors
from facegap.faces.face import Detector

PLUGINS = "facegap.detectors"
"""The entry point group of plug-ins: each is a `Registration`."""

USUAL_DETECTOR = "dlib-hog"

SIZE = ",size="


@dataclass(frozen=True)
class Registration:
    """A detector that users can ask for.

    `usage`: how they write it, `NAME` or `NAME:FILE.onnx`. `open`: makes the detector of one worker; None where nothing
    is looked for: the images are faces already, or the faces are `given` with them. `sizes`: whether users may state
    the size of its input. `version`: gives what besides the file and that size decides which faces are found, a part of
    the store key. `least`: whether it is a `SizedDetector`; `no_least`: the reason in words if not. `tried`: tries a
    file, with its sha256, in a process of its own before it is used in this one. `beside`: gives what lies beside a
    file and decides which faces are found, a part of the store key.
    """

    usage: str
    open: "Callable[[AskedDetector], Detector] | None"
    sizes: bool = False
    version: Callable[[], str] = str
    least: bool = False
    no_least: Phrase = field(default_factory=lambda: Phrase("it has no such option"))
    tried: Callable[[Path, str], None] | None = None
    beside: Callable[[Path], str] = lambda _: ""
    given: bool = False


@dataclass(frozen=True)
class AskedDetector:
    """A detector as a user asks for it: its `file`, "" if it has none, and the `size` of its input in pixels."""

    name: str
    registration: Registration
    file: str
    size: int | None = None

    @property
    def searches(self) -> bool:
        """Whether a face is cut out of the image at all."""
        return self.registration.open is not None or self.registration.given

    def key(self) -> str:
        """Return all that decides which faces are found: the part of the store key.

        Raises:
            ModelError: the file cannot be read.
        """
        beside = self.registration.beside(Path(self.file)) if self.file else ""
        parts = [self.name, self._tried(), beside, self.registration.version()]
        stated = "" if self.size is None else f"{SIZE}{self.size}"
        return ":".join(filter(None, parts)) + stated

    def open(self) -> Detector:
        """Return the detector of one worker.

        Raises:
            ModelError: the file, or the package that it needs, cannot be used.
        """
        assert self.registration.open is not None
        self._tried()
        return self.registration.open(self)

    def _tried(self) -> str:
        """Return the sha256 of the file, "" if there is none, once it is known to do this process no harm."""
        if not self.file:
            return ""
        sha256 = sha256_of_file(Path(self.file))
        if self.registration.tried is not None:
            self.registration.tried(Path(self.file), sha256)
        return sha256


def asked_detector(text: str | None) -> AskedDetector:
    """Return the detector that a user asks for: `NAME` or `NAME:FILE`, with `,size=PIXELS` behind it where it has one.

    None stands for `USUAL_DETECTOR`.

    Raises:
        InputError: there is no such detector, or it has no such size.
        ModelError: a plug-in cannot be used.
    """
    text = USUAL_DETECTOR if text is None else text
    written, comma, number = text.rpartition(SIZE)
    name, colon, file = (written if comma else text).partition(":")
    registration = _find(name)
    if registration is None or (":" in registration.usage) != bool(colon):
        *others, last = _usages()
        raise InputError(
            "unknown detector {text!r}: choose {others} or {last}", text=text, others=", ".join(others), last=last
        )
    if not comma:
        return AskedDetector(name, registration, file)
    if not registration.sizes:
        raise InputError(
            "the detector {name} has no input size that could be chosen: leave {size}{number} out",
            name=name,
            size=SIZE,
            number=number,
        )
    if not number.isdecimal() or int(number) < 1:
        raise InputError(
            "detector {text!r}: a size of {number!r} is none: give pixels, e.g. {written}{size}640",
            text=text,
            number=number,
            written=written,
            size=SIZE,
        )
    return AskedDetector(name, registration, file, int(number))


def brought() -> Iterator[tuple[str, Registration]]:
    """Yield the detectors that facegap brings, by name."""
    for name in _brought_names():
        yield name, _brought(name)


def _find(name: str) -> Registration | None:
    if name in _brought_names():
        return _brought(name)
    return _plugin(name) if name in entry_points(group=PLUGINS).names else None


def _usages() -> list[str]:
    return [*(registration.usage for _, registration in brought()), *sorted(entry_points(group=PLUGINS).names)]


def _brought_names() -> list[str]:
    return sorted(module.name.replace("_", "-") for module in iter_modules(detectors.__path__))


def _brought(name: str) -> Registration:
    return import_module(f"{detectors.__name__}.{name.replace('-', '_')}").DETECTOR


def _plugin(name: str) -> Registration:
    (found,) = entry_points(group=PLUGINS, name=name)
    try:
        registration = found.load()
    except (Exception, SystemExit) as error:  # a plug-in is somebody else's code
        reason = (str(error).splitlines() or [""])[0]
        raise ModelError(
            "plug-in {name} ({value}) failed: {kind}: {reason}",
            name=name,
            value=found.value,
            kind=type(error).__name__,
            reason=reason,
        ) from error
    if not isinstance(registration, Registration):
        raise ModelError(
            "plug-in {name} ({value}) gave no detector: expected a facegap.faces.Registration",
            name=name,
            value=found.value,
        )
    return registration
