"""Files with images inside, as other programs write them."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

MAGIC = struct.pack("<I", 0xCED7230A)


def picture(seed: int, kind: str = "PNG", size: tuple[int, int] = (12, 10)) -> bytes:
    """Return an image file whose bytes are those of no other seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def write_tar(path: Path, files: Mapping[str, bytes], *, form: int = tarfile.PAX_FORMAT) -> Path:
    with tarfile.open(path, "w", format=form) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def write_zip(path: Path, files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def record(label: float | Sequence[float], data: bytes, number: int = 0) -> bytes:
    """Return a record of MXNet's `recordio.pack`, cut where the magic number occurs, as its writer does."""
    many = [] if isinstance(label, float | int) else list(label)
    head = struct.pack("<IfQQ", len(many), 0.0 if many else label, number, 0)  # pyright: ignore[reportArgumentType]
    whole = head + struct.pack(f"<{len(many)}f", *many) + data
    cuts = [at for at in range(0, len(whole) - 3, 4) if whole[at : at + 4] == MAGIC]
    parts = [whole[start:end] for start, end in zip([0, *(at + 4 for at in cuts)], [*cuts, len(whole)], strict=True)]
    written = b""
    for place, part in enumerate(parts):
        flag = 0 if len(parts) == 1 else 1 if place == 0 else 3 if place == len(parts) - 1 else 2
        written += MAGIC + struct.pack("<I", flag << 29 | len(part)) + part + bytes(-len(part) % 4)
    return written


def write_rec(path: Path, images: Sequence[tuple[int, bytes]]) -> Path:
    """Write InsightFace's `train.rec`: where the list of subjects is, the images, and where each subject's are."""
    subjects = sorted({subject for subject, _ in images})
    records = [record([len(images) + 1, len(images) + 1 + len(subjects)], b"")]
    records += [record(float(subject), data, number) for number, (subject, data) in enumerate(images, 1)]
    records += [record([1, 2], b"") for _ in subjects]
    path.write_bytes(b"".join(records))
    return path
