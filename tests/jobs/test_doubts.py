"""What is said of the subjects before the numbers, and when there is nothing to measure."""

import numpy as np
import pytest

import facegap
from facegap.data.source import GivenScores
from facegap.datasets import read_source
from facegap.errors import InputError
from facegap.jobs.doubts import check_genuine
from facegap.report.text.findings import shown_findings
from running import Run


def saved(path, subjects, vectors=None):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(len(subjects), 4)) if vectors is None else vectors
    np.savez(path, embedding=vectors.astype(np.float32), subject=np.array(subjects))
    return path


def evaluated(*inputs, **options):
    said = []
    facegap.evaluate(facegap.Study(inputs=list(inputs), **options), say=said.append)
    return said


def test_a_study_without_a_genuine_comparison_is_refused(tmp_path) -> None:
    alone = saved(tmp_path / "alone.npz", ["A", "B", "C"])
    with pytest.raises(
        InputError, match="alone has no genuine comparison: each of its 3 images is of a subject of its"
    ):
        evaluated(alone)
    for name in ("001A02.jpg", "001A05.jpg", "002A01.jpg"):
        (tmp_path / "fg").mkdir(exist_ok=True)
        (tmp_path / "fg" / name).write_bytes(b"")
    with pytest.raises(InputError, match=r"no genuine comparison.*--subject-from fgnet reads 2 subjects"):
        evaluated(tmp_path / "fg", models=["dlib"])


def test_lists_without_a_genuine_comparison_are_refused(tmp_path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(b"")
    (tmp_path / "pairs.csv").write_text("path_a,path_b,same\na.png,b.png,0\n")
    (tmp_path / "scores.csv").write_text("path_a,path_b,score,same\na,b,0.5,0\nb,c,0.4,0\n")
    pairs = read_source([tmp_path / "pairs.csv"])
    scores = read_source([tmp_path / "scores.csv"], direction=facegap.Comparator("similarity"))
    assert isinstance(scores, GivenScores)
    for source in (pairs, scores):
        with pytest.raises(InputError, match="no genuine comparison: its list has impostors only"):
            check_genuine(source)


def test_doubts_are_said_before_the_numbers(tmp_path) -> None:
    one, two = (saved(tmp_path / f"{name}.npz", ["1", "1", "2", "2", "Abe", "Abe"]) for name in ("one", "two"))
    said = evaluated(one, two, intervals="none")
    assert any("2 subject names found in more than one input: 1, 2; kept apart" in line for line in said)
    assert any("equal names are taken for one person" in line for line in said)
    hidden = evaluated(one, two, intervals="none", anonymous=True)
    assert not any("Abe" in line for line in hidden)
    study = facegap.Study(inputs=[one, two], intervals="none", anonymous=True)
    messages = [one.text for one in shown_findings(facegap.evaluate(study))]
    assert "equal names of subjects in several inputs, which were kept apart" in messages


@pytest.mark.parametrize("threshold", [(), (",threshold=0.5",)])
def test_where_nothing_could_be_measured_the_exit_code_is_2(run: Run, tmp_path, threshold: tuple[str, ...]) -> None:
    file = saved(tmp_path / "none.npz", ["A", "A", "B", "B"], np.full((4, 4), np.nan))
    given = [file] if not threshold else ["--model", f"old={file}{threshold[0]}"]
    code, _, wrong = run("evaluate", *given, "-o", tmp_path / "report")
    assert code == 2
    assert "got no embedding of 4 images, 4 of them: " in wrong
    assert (tmp_path / "report" / "index.html").exists()
