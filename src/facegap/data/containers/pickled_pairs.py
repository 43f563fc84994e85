"""InsightFace's verification sets (`lfw.bin`): a pickle of image files and of which pairs are genuine."""

from typing import Any, BinaryIO

from facegap.data.containers.place import ContainerError, open_container, read_place
from facegap.data.containers.tar_archive import checked
from facegap.data.containers.unrun_pickle import Called, Lain, Named, unrun
from facegap.errors import Phrase

_ARRAYS = ("numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct")
_BUFFERS = ("numpy.core.numeric _frombuffer", "numpy._core.numeric _frombuffer")
_SCALARS = ("numpy.core.multiarray scalar", "numpy._core.multiarray scalar")
_RECODED = "_codecs encode"


class PickledPairs:
    """The images of a verification set by their numbers, two for each pair."""

    def __init__(self, path: str) -> None:
        """Look through a file.

        Raises:
            OSError: it cannot be read, or is no such set.
        """
        self._path = path
        with open_container(path) as file:
            match unrun(file, path):
                case (list() | tuple() as images, list() | tuple() | Called() as same):
                    found = [self._image(image) for image in images]
                    self.same = self._flags(file, same)
                case _:
                    raise ContainerError("it is a pickle of something else than images and pairs", path)
        if len(found) != 2 * len(self.same) or not self.same:
            raise ContainerError(
                Phrase(
                    "it holds {n_found} images and {n_same} pairs, expected two images a pair",
                    n_found=len(found),
                    n_same=len(self.same),
                ),
                path,
            )
        width = len(str(len(found) - 1))
        self.members = {f"{number:0{width}d}": image for number, image in enumerate(found)}

    def read(self, name: str, *, most: int) -> bytes:
        """See `Container`."""
        found = self.members.get(name)
        data = read_place(self._path, checked(found and found.place, self._path, most))
        return data.decode("utf-8").encode("latin-1") if found and found.text else data

    def _image(self, value: Any) -> Lain:
        """Return where the bytes of an image lie: bytes, or an array of them."""
        match value:
            case Lain(text=False):
                return value
            case Called(of=Named(name), arguments=(Lain() as text, Lain())) if name == _RECODED:
                return text
            case Called(of=Named(name), state=(_, _, _, _, data)) if name in _ARRAYS:
                return self._image(data)
            case Called(of=Named(name), arguments=(data, *_)) if name in _BUFFERS:
                return self._image(data)
        raise ContainerError("it holds something else than image files in bytes", self._path)

    def _flags(self, file: BinaryIO, value: Any) -> list[bool]:
        """Return which pairs are genuine, from a list of numbers or an array of bytes."""
        if isinstance(value, Called):
            lain = self._image(value)
            file.seek(lain.place.offset)
            data = file.read(lain.place.size)
            data = data.decode("utf-8").encode("latin-1") if lain.text else data
            return [bool(byte) for byte in data]
        return [self._flag(file, one) for one in value]

    def _flag(self, file: BinaryIO, value: Any) -> bool:
        match value:
            case bool() | int():
                return bool(value)
            case Called(of=Named(name), arguments=(_, data)) if name in _SCALARS:
                return self._flags(file, Called(Named(_BUFFERS[0]), (data,)))[0]
        raise ContainerError("it does not say with true or false which pairs are genuine", self._path)
