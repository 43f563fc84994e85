"""What a pickle would build, without building it.

A pickle is a program that can call anything. This reader is none that could: it knows the steps that make lists,
tuples, numbers and bytes, and those that name a function and call it; these it only writes down. It notes where bytes
lie, and stops at every other step.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, NamedTuple

from facegap.data.containers.place import MOST_MEMBERS, ContainerError, Place
from facegap.errors import Phrase


class Lain(NamedTuple):
    """Bytes or a text in the file: where, and whether it is a text."""

    place: Place
    text: bool = False


class Named(NamedTuple):
    """A function or class that the pickle names; it is never looked up."""

    name: str


class Called:
    """What the pickle would make by a call: of what, from which arguments, and the state it is given then."""

    def __init__(self, of: Any, arguments: Any) -> None:
        self.of, self.arguments, self.state = of, arguments, None


MARK = object()
LONGEST_NAME = 200
"""Bytes of names and numbers that are read; all other bytes are skipped."""

_COUNTS = {b"B": "<I", b"C": "<B", b"\x8e": "<Q", b"T": "<i", b"U": "<B", b"\x96": "<Q"}
_TEXTS = {b"X": "<I", b"\x8c": "<B", b"\x8d": "<Q"}
_CONSTANTS = {b"\x88": True, b"\x89": False, b"N": None}
_INTEGERS = {b"K": "<B", b"M": "<H", b"J": "<i"}


def unrun(file: BinaryIO, path: str) -> Any:
    """Return what the pickle in a file would build: lists, tuples, numbers, `Lain`, `Named` and `Called`.

    Raises:
        ContainerError: it takes a step that is not known, or is damaged.
        Exception: whatever damaged bytes lead to.
    """
    return _Reader(file, path).value()


class _Reader:
    """Goes through a pickle step by step."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        self._file, self._path = file, path
        self._size = file.seek(0, 2)
        file.seek(0)
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._steps = 0

    def value(self) -> Any:
        """Return what the pickle builds."""
        while (step := self._file.read(1)) != b".":
            self._steps += 1
            if self._steps > 20 * MOST_MEMBERS:
                raise ContainerError("it has too many steps", self._path)
            self._take(step)
        return self._stack[-1] if self._stack else None

    def _take(self, step: bytes) -> None:
        stack = self._stack
        if step in _COUNTS:
            stack.append(Lain(self._skipped(_COUNTS[step])))
        elif step in _TEXTS:
            stack.append(Lain(self._skipped(_TEXTS[step]), text=True))
        elif step in _INTEGERS:
            stack.append(self._number(_INTEGERS[step]))
        elif step in _CONSTANTS:
            stack.append(_CONSTANTS[step])
        elif handler := _STEPS.get(step):
            handler(self)
        else:
            raise ContainerError(
                Phrase("it is no set of images and pairs (step {step!r} of its pickle)", step=step), self._path
            )

    def _number(self, form: str) -> int:
        (value,) = struct.unpack(form, self._file.read(struct.calcsize(form)))
        return value

    def _skipped(self, form: str) -> Place:
        """Return the place of bytes whose number stands before them, and go on behind them."""
        size, offset = self._number(form), self._file.tell()
        if size < 0 or offset + size > self._size:
            raise ContainerError("it is cut off or damaged", self._path)
        self._file.seek(offset + size)
        return Place(offset, size)

    def _line(self) -> str:
        return self._file.readline(LONGEST_NAME).rstrip(b"\n").decode("ascii")

    def _text(self, lain: Any) -> str:
        if not isinstance(lain, Lain) or lain.place.size > LONGEST_NAME:
            raise ContainerError("it is cut off or damaged", self._path)
        here = self._file.tell()
        self._file.seek(lain.place.offset)
        text = self._file.read(lain.place.size).decode("ascii")
        self._file.seek(here)
        return text

    def _marked(self) -> list[Any]:
        """Return what was put on the stack since the last mark."""
        at = len(self._stack) - 1
        while self._stack[at] is not MARK:
            at -= 1
            if at < 0:
                raise ContainerError("it is cut off or damaged", self._path)
        items = self._stack[at + 1 :]
        del self._stack[at:]
        return items

    def extend(self, items: Sequence[Any]) -> None:
        """Add to the list on the stack."""
        if not self._stack or not isinstance(self._stack[-1], list):
            raise ContainerError("it is no set of images and pairs", self._path)
        self._stack[-1].extend(items)

    def pop(self, number: int = 1) -> list[Any]:
        """Take the last things from the stack."""
        if len(self._stack) < number:
            raise ContainerError("it is cut off or damaged", self._path)
        items = self._stack[-number:]
        del self._stack[-number:]
        return items

    def build(self) -> None:
        """Give a made thing its state."""
        made, state = self.pop(2)
        if not isinstance(made, Called):
            raise ContainerError("it is no set of images and pairs", self._path)
        made.state = state
        self._stack.append(made)

    def skip(self, number: int) -> None:
        """Go on behind a few bytes."""
        self._file.seek(number, 1)

    def push(self, value: Any) -> None:
        """Put something on the stack."""
        self._stack.append(value)

    def keep(self, number: int | None) -> None:
        """Remember the top of the stack."""
        (top,) = self.pop()
        self._stack.append(top)
        self._memo[len(self._memo) if number is None else number] = top

    def whole_number(self) -> None:
        """Put the number of a line on the stack: protocol 0 writes true as 01."""
        self.push(int(self._line().removesuffix("L")))

    def long_number(self) -> None:
        """Put a number of a few bytes on the stack."""
        self.push(int.from_bytes(self._file.read(self._number("<B")), "little", signed=True))

    def named(self) -> None:
        """Put a name of two lines on the stack."""
        self.push(Named(f"{self._line()} {self._line()}"))

    def named_on_stack(self) -> None:
        """Put a name whose two texts are on the stack there."""
        module, name = self.pop(2)
        self.push(Named(f"{self._text(module)} {self._text(name)}"))


_STEPS: dict[bytes, Callable[[_Reader], None]] = {
    b"\x80": lambda reader: reader.skip(1),
    b"\x95": lambda reader: reader.skip(8),
    b"(": lambda reader: reader.push(MARK),
    b"]": lambda reader: reader.push([]),
    b")": lambda reader: reader.push(()),
    b"l": lambda reader: reader.push(reader._marked()),
    b"t": lambda reader: reader.push(tuple(reader._marked())),
    b"\x85": lambda reader: reader.push(tuple(reader.pop(1))),
    b"\x86": lambda reader: reader.push(tuple(reader.pop(2))),
    b"\x87": lambda reader: reader.push(tuple(reader.pop(3))),
    b"a": lambda reader: reader.extend(reader.pop()),
    b"e": lambda reader: reader.extend(reader._marked()),
    b"q": lambda reader: reader.keep(reader._number("<B")),
    b"r": lambda reader: reader.keep(reader._number("<I")),
    b"p": lambda reader: reader.keep(int(reader._line())),
    b"\x94": lambda reader: reader.keep(None),
    b"h": lambda reader: reader.push(reader._memo[reader._number("<B")]),
    b"j": lambda reader: reader.push(reader._memo[reader._number("<I")]),
    b"g": lambda reader: reader.push(reader._memo[int(reader._line())]),
    b"I": _Reader.whole_number,
    b"\x8a": _Reader.long_number,
    b"c": _Reader.named,
    b"\x93": _Reader.named_on_stack,
    b"R": lambda reader: reader.push(Called(*reader.pop(2))),
    b"b": _Reader.build,
}
