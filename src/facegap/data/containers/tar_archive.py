"""Tar archives, as WebDataset's shards are: a member is a stretch of the file."""

import tarfile

from facegap.data.containers.place import (
    MOST_MEMBERS,
    ContainerError,
    Place,
    open_container,
    plain_name,
    read_place,
)
from facegap.errors import Phrase

COMPRESSED = {b"\x1f\x8b": "gunzip", b"BZh": "bunzip2", b"\xfd7z": "unxz", b"\x28\xb5\x2f\xfd": "unzstd"}
"""How compressed files begin, and what makes them plain."""


class TarArchive:
    """The files of a tar archive, those that cannot be read with the reason; of two with one name the later."""

    def __init__(self, path: str) -> None:
        """Look through an archive.

        Raises:
            OSError: it cannot be read.
            tarfile.TarError: it is damaged.
        """
        self._path = path
        self.members: dict[str, Place | str] = {}
        with open_container(path) as file:
            start = file.read(6)
            for magic, program in COMPRESSED.items():
                if start.startswith(magic):
                    raise ContainerError(
                        Phrase("it is compressed, so no image is read from its middle: {program} it", program=program),
                        path,
                    )
            size = file.seek(0, 2)
            file.seek(0)
            with tarfile.open(fileobj=file, mode="r:") as archive:
                last = -1
                while (member := archive.next()) is not None:
                    archive.members = []  # pyright: ignore[reportAttributeAccessIssue] (they would all be kept)
                    end = member.offset_data + member.size
                    lies = member.isreg() and not member.issparse()
                    if member.offset <= last or member.size < 0 or (lies and end > size):
                        raise ContainerError("it is cut off or damaged", path)
                    last = member.offset
                    self._add(member)

    def _add(self, member: tarfile.TarInfo) -> None:
        name = plain_name(member.name)
        if member.issparse():
            self.members[name] = "it is stored without its holes: make the archive without --sparse"
        elif member.isreg():
            self.members[name] = Place(member.offset_data, member.size)
        elif member.islnk() or member.issym():
            linked = self.members.get(plain_name(member.linkname)) if member.islnk() else None
            self.members[name] = linked or "it is a link: make the archive with --dereference"
        if len(self.members) > MOST_MEMBERS:
            raise ContainerError(
                Phrase("it has more than {most_members:,} files", most_members=MOST_MEMBERS), self._path
            )

    def read(self, name: str, *, most: int) -> bytes:
        """See `Container`."""
        return read_place(self._path, checked(self.members.get(name), self._path, most))


def checked(place: Place | str | None, path: str, most: int) -> Place:
    """Return the place of a member that there is, and that is not too large; a text says why it cannot be read.

    Raises:
        OSError: it is one of these.
    """
    if place is None:
        raise ContainerError("there is no such file in it", path)
    if isinstance(place, str):
        raise ContainerError(place, path)
    if place.size > most:
        raise ContainerError(Phrase("it has {size:,} bytes, more than {most:,}", size=place.size, most=most), path)
    return place
