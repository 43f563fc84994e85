import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import special

from facegap.data.evaluation import Evaluation
from facegap.data.own_files import ESTIMATES, STUDY
from facegap.errors import InputError
from facegap.report.charts.drawing import page_spec
from facegap.report.charts.figures.curves import det_probit
from facegap.report.page import writer
from facegap.report.page.writer import write_report

Made = Callable[..., Evaluation]


@pytest.fixture(scope="module")
def small(make_evaluation: Made) -> Evaluation:
    """Return an evaluation of one model in one cohort: quick to draw."""
    return make_evaluation(models={"dlib": ("euclidean", 0.6)}, cohorts=("若年女性",), common=False)


@pytest.fixture(scope="module")
def written(small: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a report that no test changes."""
    return write_report(small, tmp_path_factory.mktemp("written")).parent


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_evaluation_gives_the_same_bytes(small: Evaluation, written: Path, tmp_path: Path) -> None:
    assert write_report(small, tmp_path / "a") == tmp_path / "a" / "index.html"
    first, second = contents(written), contents(tmp_path / "a")
    assert first == second
    assert {name.partition("/")[0] for name in first} == set(writer.OWNED) - {ESTIMATES, STUDY}, "it has no subjects"


def test_charts_are_drawn_as_svg_and_png(written: Path) -> None:
    charts = contents(written / "charts")
    assert {name for name in charts if name.endswith(".svg")} == {
        *(f"roc-cohort-若年女性-{view}.svg" for view in ("linear", "log", "det", "probit")),
        *(f"roc-model-dlib-{view}.svg" for view in ("linear", "log", "det", "probit")),
        "thresholds-dlib-若年女性.svg",
        "scores-dlib-若年女性.svg",
    }
    for name, data in charts.items():
        assert data.startswith(b"<svg" if name.endswith(".svg") else b"\x89PNG")
        assert len(data) > 2000


def test_charts_are_written_in_the_formats_asked_for(small: Evaluation, tmp_path: Path) -> None:
    assert (write_report(small, tmp_path / "none", charts=())).is_file()
    assert not (tmp_path / "none" / "charts").exists()
    write_report(small, tmp_path / "pdf", charts=["pdf"])
    charts = contents(tmp_path / "pdf" / "charts")
    assert {Path(name).suffix for name in charts} == {".pdf"}
    assert all(data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF") for data in charts.values())
    with pytest.raises(InputError, match="charts cannot be written as 'eps': choose from svg, png, pdf, or none"):
        write_report(small, tmp_path / "eps", charts=["eps"])
    assert not (tmp_path / "eps").exists()


def test_normal_scores_give_a_straight_line_on_normal_deviates() -> None:
    threshold = np.linspace(-3, 5, 50)
    fmr, fnmr = special.ndtr(-threshold), special.ndtr(threshold - 2)
    curve = pl.DataFrame({"series": ["a"] * 50, "fmr": fmr, "resolved_fmr": fmr, "seen_fnmr": fnmr})
    _spec, (rows,) = page_spec(det_probit(curve, ["a"]), "sans-serif")
    points = rows.frame
    assert 20 < points.height < 50, "rates beyond the axes are left out"
    assert (points["x"] + points["y"]).to_numpy() == pytest.approx(-2)


def test_the_data_come_back(small: Evaluation, written: Path) -> None:
    for back in (
        Evaluation.from_json((written / "evaluation.json").read_bytes()),
        Evaluation.from_parquet(written / "evaluation.parquet"),
    ):
        assert back.to_json() == small.to_json()
        assert back.metrics.equals(small.metrics)


def test_a_report_replaces_a_report_and_nothing_else(small: Evaluation, written: Path, tmp_path: Path) -> None:
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "charts" / "stale.svg").write_text("old")
    write_report(small, tmp_path, charts=["svg"])
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "charts" / "stale.svg").exists()
    assert {path.name for path in tmp_path.iterdir()} == {*writer.OWNED, "notes.txt"} - {ESTIMATES, STUDY}


def test_a_failure_leaves_the_earlier_report(
    small: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(small, tmp_path, charts=())
    before = contents(tmp_path)

    def fail(*_: object) -> str:
        raise RuntimeError("no page")

    monkeypatch.setattr(writer, "render", fail)
    with pytest.raises(RuntimeError, match="no page"):
        write_report(small, tmp_path, charts=["svg"])
    assert contents(tmp_path) == before


def test_files_that_are_no_report_are_not_replaced(small: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("my web site")
    with pytest.raises(InputError, match="no facegap report"):
        write_report(small, tmp_path)
    assert contents(tmp_path) == {"index.html": b"my web site"}


def test_a_file_or_a_place_that_cannot_be_written_is_refused(small: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        write_report(small, tmp_path / "file")
    with pytest.raises(InputError, match="cannot be written"):
        write_report(small, tmp_path / "file" / "below")


def test_progress_ends_at_its_total(small: Evaluation, tmp_path: Path) -> None:
    last: dict[str, tuple[int, int]] = {}
    write_report(small, tmp_path, charts=["svg"], progress=lambda task, done, total: last.update({task: (done, total)}))
    assert set(last) == {"charts", "thumbnails"}
    assert all(done == total for done, total in last.values())
