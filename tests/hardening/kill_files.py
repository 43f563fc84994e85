"""Kill `facegap.run.files` before each step: `python -m hardening.kill_files FOLDER CASE` prints survived, tried."""

import sys
from collections.abc import Callable
from pathlib import Path

from facegap.run.files import claimed_files, claimed_folder, current, whole_folder, written_folder, written_whole
from hardening.killing import contents, killed_at, restore

OWNED = ("evaluation.json", "evaluation.parquet", "charts", "index.html")
REPORT = ("evaluation.json", "evaluation.parquet", "charts/a.svg", "charts/b.png", "index.html")
FILES = ("model.onnx", "model.md", "model.split.csv")


def report(name: str) -> dict[str, bytes]:
    return {file: f"{file} of the {name} report".encode() for file in REPORT}


def write_report(place: Path) -> None:
    with written_folder(place, OWNED) as made:
        for name, content in report("new").items():
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(content)


def write_files(place: Path) -> None:
    with written_whole(*(place / name for name in FILES)) as drafts:
        for draft in drafts:
            draft.write_bytes(b"new")


def read_whole(place: Path) -> None:
    """See that the numbers are of one report, also before the next run."""
    words = {current(place, name).read_bytes().split()[-2] for name in ("evaluation.json", "evaluation.parquet")}
    assert len(words) == 1, words


def read_each(place: Path) -> None:
    """See that every file is whole."""
    assert {path.read_bytes() for path in place.iterdir() if path.is_file()} <= {b"old", b"new", b"mine"}


def report_claim(place: Path) -> None:
    with claimed_folder(place, OWNED):
        pass


def files_claim(place: Path) -> None:
    with claimed_files(*(place / name for name in FILES)):
        pass


Act = Callable[[Path], None]
MINE = {"notes.txt": b"mine"}
CASES: dict[str, tuple[dict[str, bytes], dict[str, bytes], Act, Act, Act]] = {
    "report": (report("old"), report("new"), write_report, read_whole, report_claim),
    "report beside other files": (report("old") | MINE, report("new") | MINE, write_report, read_whole, report_claim),
    "report without that rename": (report("old"), report("new"), write_report, read_whole, report_claim),
    "files": (
        dict.fromkeys(FILES, b"old") | MINE, dict.fromkeys(FILES, b"new") | MINE, write_files, read_each, files_claim
    ),
}  # fmt: skip


def main(root: Path, case: str) -> None:
    old, new, write, read, claim = CASES[case]
    if case == "report without that rename":
        whole_folder.exchange = lambda a, b: False
    place = root / "place"
    tried = survived = 0
    while True:
        restore(place, old)
        if not killed_at(tried, lambda: write(place)):
            break
        tried += 1
        try:
            read(place)
            claim(place)  # the next run
            assert contents(place) in (old, new), contents(place)
            assert not [*root.glob(".*"), *place.glob(".*")], "something is left"
            survived += 1
        except (AssertionError, OSError) as error:
            print(f"step {tried}: {error!r}", file=sys.stderr)
    assert contents(place) == new, "the run that was not killed"
    print(survived, tried)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
