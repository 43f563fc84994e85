"""What a command writes: checked and claimed before any work, so that nothing is written over that it did not write."""

import mmap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from facegap.errors import InputError, Phrase
from facegap.run.places import check_output_file, is_folder


@dataclass(frozen=True)
class Kind:
    """A kind of file that a command writes, and how one is known: what it starts with, and one of what it holds.

    Marks are the same in every language; those after them are texts of files that an earlier version wrote.
    """

    words: Phrase
    start: bytes = b""
    holds: tuple[bytes, ...] = (b"",)

    def wrote(self, path: Path) -> bool:
        """Return whether a file is of this kind, or empty.

        Raises:
            OSError: it cannot be read.
        """
        if path.stat().st_size == 0:
            return True
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            begin = content.read(len(BYTE_ORDER_MARK) + len(self.start)).removeprefix(BYTE_ORDER_MARK)
            return begin.startswith(self.start) and any(content.find(mark, 0) >= 0 for mark in self.holds)


@dataclass(frozen=True)
class PngKind(Kind):
    """A chart as PNG, which says nothing of itself: it is known by the chart as SVG beside it."""

    def wrote(self, path: Path) -> bool:
        """Return whether the file lies beside a chart of ours, or is empty."""
        drawn = path.with_suffix(".svg")
        return path.stat().st_size == 0 or (drawn.is_file() and RATIO_SVG.wrote(drawn))


LOOKALIKES_MARK = b'content="facegap lookalikes"'
RATIO_MARK = b"<!-- facegap calibrate -->"
"""What a page of look-alikes holds, and what stands at the end of a chart, whatever language their words are in."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
AUDIT = Kind(Phrase("list of `facegap audit`"), start=b"kind,action,model,")
LOOKALIKE_PAGE = Kind(Phrase("page of `facegap lookalikes`"), holds=(LOOKALIKES_MARK, b"<title>Look-alikes in "))
LOOKALIKE_LIST = Kind(Phrase("list of `facegap lookalikes`"), start=b"model,rank,score,suspicion,")
CALIBRATION = Kind(Phrase("calibration"), start=b"{", holds=(b'"log10_lr"',))
RATIO_SVG = Kind(Phrase("chart of `facegap calibrate`"), start=b"<svg", holds=(RATIO_MARK, b"likelihood ratio (log)"))
RATIO_PNG = PngKind(Phrase("chart of `facegap calibrate`"))
PLAN = Kind(Phrase("list of `facegap plan`"), start=b"question,model,people,")
JUNIT = Kind(Phrase("JUnit file of `facegap check`"), start=b"<?xml", holds=(b'<testsuite name="facegap"',))
EXPORTED = Kind(Phrase("network that `facegap export` wrote"), holds=(b"dlib weights sha256",))
LEARNT = Kind(Phrase("network that facegap adapted or trained"), holds=(b"facegap.data",))
CARD = Kind(Phrase("card of a model of facegap's"), start=b"# ", holds=(b"<!-- facegap model card", b"by facegap"))
SPLIT = Kind(Phrase("split of facegap's"), start=b"path,subject,cohort,role")


@contextmanager
def reserved(
    *files: tuple[Path, Kind],
    report: Path | None = None,
    given: Iterable[str | Path | None] = (),
    option: str = "--out",
) -> Iterator[None]:
    """Check and claim what a command will write: the files, which lie in one folder, and the folder of a report.

    `given`: all that the command reads, as it was named: `PATH`, `NAME=PATH` or `KIND:PATH`. `option`: names the files.

    Raises:
        InputError: a file would be written over one of another kind, over an input, or twice; a folder that is no
            report would be replaced; the place cannot be written; or another run is writing there.
    """
    from facegap.data.own_files import OWNED
    from facegap.report.page.report_folder import check_report_folder
    from facegap.run.files import claimed_files, claimed_folder

    inputs = _existing(given)
    with ExitStack() as claims:
        if report is not None:
            _refuse_inputs_in(report, inputs, OWNED)
            check_report_folder(report)
            claims.enter_context(claimed_folder(report, OWNED))
        if files and not _is_stream(files[0][0]):
            _refuse(files, inputs, option)
            claims.enter_context(claimed_files(*(path for path, _ in files)))
        yield


def check_training_folder(folder: Path) -> None:
    """Refuse a folder for the state of a training that holds something else.

    Raises:
        InputError: it does.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(
            "{folder} is a file, and the state of the training goes there: name another --out", folder=folder
        )
    ours = folder.joinpath("order.json").is_file()
    if folder.is_dir() and not ours and any(not inside.name.startswith(".unfinished-") for inside in folder.iterdir()):
        raise InputError(
            "{folder} holds something else than the state of a training: name another --out", folder=folder
        )


def _existing(given: Iterable[str | Path | None]) -> list[Path]:
    """Return the files and folders that texts name."""
    from facegap.models.options import split_options

    found = []
    for text in (split_options(str(one))[0] for one in given if one):
        value = text.partition("=")[2]
        for part in (text, value, text.partition(":")[2], value.partition(":")[2]):
            try:
                if part and Path(part).expanduser().exists():
                    found.append(Path(part).expanduser())
            except (OSError, RuntimeError, ValueError):  # no name of a file
                continue
    return found


def _is_stream(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def _refuse(files: Sequence[tuple[Path, Kind]], inputs: Sequence[Path], option: str) -> None:
    main = files[0][0]
    for number, (path, kind) in enumerate(files):
        place = Phrase("{path}, beside {main},", path=path, main=main) if number else path
        for earlier, other in files[:number]:
            if path.resolve() == earlier.resolve():
                raise InputError(
                    "{path} would be written twice, as {first} and as {second}: name another file with {option}",
                    path=path,
                    first=other.words,
                    second=kind.words,
                    option=option,
                )
        if is_folder(path):
            raise InputError(
                "{path} is a folder, a file was expected: name another file with {option}", path=place, option=option
            )
        check_output_file(path)
        if not path.exists():
            continue
        if any(path.samefile(one) for one in inputs):
            raise InputError(
                "{path} is an input and would be replaced: name another file with {option}", path=place, option=option
            )
        try:
            ours = kind.wrote(path)
        except OSError as error:
            raise InputError(
                "{path} cannot be read ({reason}): name another file with {option}",
                path=path,
                reason=error.strerror,
                option=option,
            ) from None
        if not ours:
            raise InputError(
                "{path} is no {kind} and would be replaced: move it away, or name another file with {option}",
                path=place,
                kind=kind.words,
                option=option,
            )


def _refuse_inputs_in(report: Path, inputs: Sequence[Path], owned: Sequence[str]) -> None:
    place = report.resolve()
    replaced = {place / name for name in owned}
    for path in inputs:
        real = path.resolve()
        if real == place or replaced & {real, *real.parents}:
            raise InputError(
                "the report in {report} would be written over the input {path}: name another folder",
                report=report,
                path=path,
            )
