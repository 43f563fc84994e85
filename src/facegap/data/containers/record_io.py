"""MXNet's RecordIO, as InsightFace's training sets come (`train.rec`): a header with the subject, and an image."""

import math
import struct
from typing import BinaryIO, NamedTuple

from facegap.data.containers.place import MOST_MEMBERS, ContainerError, Place, open_container
from facegap.data.containers.tar_archive import checked
from facegap.errors import Phrase

MAGIC = b"\x0a\x23\xd7\xce"
_HEADER = struct.Struct("<IfQQ")
"""How many labels follow, the label where none does, and two numbers."""

_LENGTH = (1 << 29) - 1
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)
MOST_LABELS = 10_000


class Record(NamedTuple):
    """A record: its number, where it begins, the place of its image, whether it is in parts, and its label."""

    number: int
    start: int
    image: Place
    parts: bool
    label: float


class RecordFile:
    """The images of a `.rec` file by their numbers; those without an image, which list subjects, are left out."""

    def __init__(self, path: str) -> None:
        """Look through a file.

        Raises:
            OSError: it cannot be read, or is damaged.
        """
        self._path = path
        records: list[Record] = []
        with open_container(path) as file:
            size = file.seek(0, 2)
            start = number = 0
            while start < size:
                record, start = self._next(file, start, size, number)
                if record.image.size > 0:
                    records.append(record)
                number += 1
                if number > MOST_MEMBERS:
                    raise ContainerError(
                        Phrase("it has more than {most_members:,} records", most_members=MOST_MEMBERS), path
                    )
        width = len(str(number))
        self.members = {f"{record.number:0{width}d}": record for record in records}

    @property
    def labels(self) -> list[str]:
        """The subject of each image, a number."""
        return [f"{record.label:.0f}" for record in self.members.values()]

    def read(self, name: str, *, most: int) -> bytes:
        """See `Container`."""
        found = self.members.get(name)
        place = checked(found and found.image, self._path, most)
        with open_container(self._path) as file:
            if found and found.parts:
                data = self._joined(file, found.start)
                return data[place.offset : place.offset + place.size]
            file.seek(place.offset)
            data = file.read(place.size)
        if len(data) != place.size:
            raise ContainerError("the file that it lies in became shorter", self._path)
        return data

    def _next(self, file: BinaryIO, start: int, size: int, number: int) -> tuple[Record, int]:
        """Return the record at `start`, and where the next one begins."""
        flag, length, end = self._frame(file, start, size)
        head = file.read(min(length, _HEADER.size))
        if len(head) < _HEADER.size:
            raise ContainerError(
                Phrase("the record at byte {start:,} holds no image of InsightFace", start=start), self._path
            )
        labels, label, _, _ = _HEADER.unpack(head)
        if labels > MOST_LABELS or _HEADER.size + 4 * labels > length:
            raise ContainerError(
                Phrase("the record at byte {start:,} holds no image of InsightFace", start=start), self._path
            )
        if labels:
            (label,) = struct.unpack("<f", file.read(4))
        if not math.isfinite(label):
            raise ContainerError(Phrase("the record at byte {start:,} has no subject", start=start), self._path)
        skipped = _HEADER.size + 4 * labels
        if flag == _WHOLE:
            return Record(number, start, Place(start + 8 + skipped, length - skipped), False, label), end
        joined = length
        while flag != _LAST:
            flag, length, end = self._frame(file, end, size, after=flag)
            joined += len(MAGIC) + length
        return Record(number, start, Place(skipped, joined - skipped), True, label), end

    def _frame(self, file: BinaryIO, start: int, size: int, *, after: int = _WHOLE) -> tuple[int, int, int]:
        """Return which part of a record begins at `start`, its bytes, and where the next begins; the file is at it.

        `after`: which part stands before it.
        """
        file.seek(start)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        flag, length = length >> 29, length & _LENGTH
        end = start + 8 + (length + 3) // 4 * 4
        following = (_WHOLE, _FIRST) if after == _WHOLE else (_MIDDLE, _LAST)
        if not head.startswith(MAGIC) or len(head) < 8 or end > size or flag not in following:
            raise ContainerError(
                Phrase("it is no RecordIO file, or damaged at byte {start:,}", start=start), self._path
            )
        return flag, length, end

    def _joined(self, file: BinaryIO, start: int) -> bytes:
        """Return the bytes of a record in parts: it is cut where the four bytes occur that a record begins with."""
        size = file.seek(0, 2)
        flag, length, end = self._frame(file, start, size)
        parts = [file.read(length)]
        while flag != _LAST:
            flag, length, end = self._frame(file, end, size, after=flag)
            parts.append(file.read(length))
        return MAGIC.join(parts)
