"""Zip archives: a member is a stretch of the file, mostly deflated."""

import zipfile
import zlib
from typing import NamedTuple

from facegap.data.containers.place import MOST_MEMBERS, ContainerError, open_container, plain_name
from facegap.errors import Phrase

UTF8 = 0x800
ENCRYPTED = 0x1
LOCAL = 30
"""Bytes of the header before a member, without its name and its extra field."""


class Zipped(NamedTuple):
    """A member: where its header is, its bytes in the file and unpacked, their checksum and how it was packed."""

    header: int
    packed: int
    size: int
    crc: int
    method: int
    encrypted: bool


class ZipArchive:
    """The files of a zip archive; of two with one name the later."""

    def __init__(self, path: str) -> None:
        """Look through an archive.

        Raises:
            OSError: it cannot be read.
            zipfile.BadZipFile: it is damaged.
        """
        self._path = path
        self.members: dict[str, Zipped] = {}
        with open_container(path) as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_MEMBERS:
                raise ContainerError(Phrase("it has more than {most_members:,} files", most_members=MOST_MEMBERS), path)
            encoding = _encoding([entry for entry in entries if not entry.flag_bits & UTF8])
            for entry in entries:
                name = entry.filename if entry.flag_bits & UTF8 else _raw(entry).decode(encoding)
                if not entry.is_dir():
                    self.members[plain_name(name)] = Zipped(
                        entry.header_offset, entry.compress_size, entry.file_size, entry.CRC, entry.compress_type,
                        bool(entry.flag_bits & ENCRYPTED),
                    )  # fmt: skip

    def read(self, name: str, *, most: int) -> bytes:
        """See `Container`."""
        found = self.members.get(name)
        if found is None:
            raise ContainerError("there is no such file in it", self._path)
        if found.size > most or found.packed > most:
            raise ContainerError(
                Phrase("it has {size:,} bytes, more than {most:,}", size=max(found.size, found.packed), most=most),
                self._path,
            )
        if found.encrypted:
            raise ContainerError("it is encrypted", self._path)
        packed = self._packed(found)
        data = packed if found.method == zipfile.ZIP_STORED else self._unpacked(packed, found)
        if len(data) != found.size or zlib.crc32(data) != found.crc:
            raise ContainerError("it is damaged in its archive", self._path)
        return data

    def _packed(self, found: Zipped) -> bytes:
        with open_container(self._path) as file:
            file.seek(found.header)
            header = file.read(LOCAL)
            if len(header) < LOCAL or not header.startswith(b"PK\3\4"):
                raise ContainerError("it is damaged in its archive", self._path)
            name, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
            file.seek(found.header + LOCAL + name + extra)
            return file.read(found.packed)

    def _unpacked(self, packed: bytes, found: Zipped) -> bytes:
        if found.method != zipfile.ZIP_DEFLATED:
            raise ContainerError(
                Phrase("it is packed by method {method}: zip it by deflate, the usual one", method=found.method),
                self._path,
            )
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, found.size + 1)
        except zlib.error:
            raise ContainerError("it is damaged in its archive", self._path) from None


def _raw(entry: zipfile.ZipInfo) -> bytes:
    """Return the name of a member as it stands in the archive: without the mark of UTF-8 it was read as cp437."""
    return entry.orig_filename.encode("cp437")


def _encoding(entries: list[zipfile.ZipInfo]) -> str:
    """Return the encoding of names that do not say theirs: Windows takes that of its language."""
    for encoding in ("utf-8", "cp932"):
        try:
            for entry in entries:
                _raw(entry).decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "cp437"
