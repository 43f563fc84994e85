"""Black boxes that compare two images: asked once, a few times at most, and measured as all else."""

import os
import shutil
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pytest
from PIL import Image

import facegap
import facegap.jobs.hashing
from children import interrupted, python_path
from facegap.errors import BudgetSpent, InputError, ModelError
from facegap.report.text.findings import shown_findings
from facegap.store import upkeep


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for cohort, subjects in (("x", 5), ("y", 4)):
        for s in range(subjects):
            grey = int(rng.integers(40, 215))
            for k in range(3):
                path = tmp_path / "photos" / cohort / f"{cohort}{s}" / f"{k}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                pixels = grey + rng.integers(-12, 13) + rng.integers(-9, 10, (4, 4))
                Image.fromarray(pixels.astype(np.uint8)).save(path)
    return tmp_path / "photos"


class Api:
    """Says how far apart two images are, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self.fails: Counter[str] = Counter()
        self.lock, self.now, self.most = threading.Lock(), 0, 0

    def __call__(self, first: str, second: str) -> float | None:
        with self.lock:
            self.asked[first, second] += 1
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            return self.answer(first, second)
        finally:
            with self.lock:
                self.now -= 1

    def answer(self, first: str, second: str) -> float | None:
        if "x0/0" in first or "x0/0" in second:
            return None
        if self.fails["y1/1"] and "y1/1" in second:
            self.fails["y1/1"] -= 1
            raise ConnectionError("not now")
        grey = [float(np.asarray(Image.open(path)).mean()) for path in (first, second)]
        return abs(grey[0] - grey[1])

    @property
    def calls(self) -> int:
        return self.asked.total()

    def model(self, **options) -> facegap.PairModel:
        return facegap.PairModel(**{"score": self, "name": "api", "version": "1", "wait": 0.0, **options})


def study(photos: Path, *models, **options) -> facegap.Study:
    return facegap.Study([str(photos)], models, store=photos.parent / "store", **options)


def auc(evaluation: facegap.Evaluation, cohort: str) -> float:
    return evaluation.value("auc", model="api", cohort=cohort) or 0.0


def rows(evaluation: facegap.Evaluation) -> list[dict]:
    return evaluation.metrics.to_dicts()


def test_every_comparison_is_asked_for_once_and_its_answer_is_kept(photos: Path) -> None:
    api = Api()
    first = facegap.evaluate(study(photos, api.model()))
    assert api.calls == 27 * 26 // 2
    assert max(api.asked.values()) == 1
    again = facegap.evaluate(study(photos, api.model()))
    assert api.calls == 27 * 26 // 2
    assert rows(again) == rows(first)
    facegap.evaluate(study(photos, api.model(version="2")))
    assert api.calls == 2 * 27 * 26 // 2  # another version is another model


def test_the_scores_have_the_numbers_of_the_same_scores_given_in_a_file(photos: Path, tmp_path: Path) -> None:
    api = Api()
    asked = facegap.evaluate(study(photos, api.model()))
    path = tmp_path / "api.csv"
    lines = [f"{a},{b},{'' if (d := api.answer(a, b)) is None else d}" for a, b in api.asked]
    subjects = [f"{Path(a).parent.name},{Path(b).parent.name}" for a, b in api.asked]
    both = "".join(f"{line},{who}\n" for line, who in zip(lines, subjects, strict=True))
    path.write_text(f"path_a,path_b,score,subject_a,subject_b\n{both}")
    given = facegap.evaluate(study(photos, f"api={path}"))
    assert rows(asked) == rows(given)
    assert auc(asked, "x") > 0.8
    assert asked.value("fta", model="api", cohort="x") == 1 / 15  # the image of which it tells nothing


def test_a_budget_stops_the_run_which_then_goes_on(photos: Path) -> None:
    api = Api()
    with pytest.raises(BudgetSpent, match="api: the budget of 100 calls is spent, and 251 comparisons are left"):
        facegap.evaluate(study(photos, api.model(budget=100)))
    assert api.calls == 100
    with pytest.raises(BudgetSpent, match="and 151 comparisons are left"):
        facegap.evaluate(study(photos, api.model(budget=100)))
    evaluation = facegap.evaluate(study(photos, api.model(budget=151)))
    assert max(api.asked.values()) == 1
    assert rows(evaluation) == rows(facegap.evaluate(study(photos, api.model(budget=0))))


def test_what_fails_is_tried_again_then_counted_and_asked_again_next_time(photos: Path) -> None:
    api = Api()
    api.fails["y1/1"] = 2 * 3  # all tries of two comparisons
    failed = facegap.evaluate(study(photos, api.model(workers=1)))
    (finding,) = [one.text for one in shown_findings(failed) if one.kind == "missing-score"]
    assert finding.startswith("api: 28 of 351 comparisons have no score, and count as failed: 26 got none, 2 failed")
    assert "3 tries each" in finding
    calls = api.calls
    whole = facegap.evaluate(study(photos, api.model()))
    assert api.calls == calls + 2
    assert auc(whole, "y") > 0.8


@pytest.mark.skipif(sys.platform == "win32", reason="Windows interrupts processes in another way")
def test_a_call_that_hangs_keeps_nobody_from_stopping(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "hanging.py").write_text(
        "import pathlib, time\n\ndef score(a, b):\n    pathlib.Path('asked').touch()\n    time.sleep(600)\n"
    )
    command = [sys.executable, "-m", "facegap", "evaluate", photos, "--model", "box=hanging:score", "-o", "report"]
    there = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), python_path()])}
    code, said = interrupted(command, tmp_path / "asked", cwd=tmp_path, env=there)
    assert code == 130
    assert "interrupted" in said


def test_an_interrupted_run_keeps_what_was_answered(photos: Path) -> None:
    api = Api()

    def interrupted(first: str, second: str) -> float | None:
        if api.calls >= 50:
            raise KeyboardInterrupt
        return api(first, second)

    with pytest.raises(KeyboardInterrupt):
        facegap.evaluate(study(photos, api.model(score=interrupted, workers=1)))
    facegap.evaluate(study(photos, api.model()))
    assert api.calls <= 351 + 4  # but for those that ran ahead


def test_so_many_are_asked_at_once_and_no_more(photos: Path) -> None:
    api = Api()
    api.answer = lambda first, second: time.sleep(0.01)  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(InputError, match="neither clearly higher"):
        facegap.evaluate(study(photos, api.model(workers=3), pairs=60))
    assert api.most == 3


@pytest.mark.parametrize(
    ("score", "reason"),
    [
        (lambda a, b: 1 / 0, r"the first 20 comparisons failed, each 3 times \(ZeroDivisionError: division by zero\)"),
        (lambda a, b: sys.exit(0), r"the first 20 comparisons failed, each 3 times \(SystemExit: 0\)"),
        (lambda a, b: "alike", "returned str 'alike': expected a number, or None for no score"),
    ],
)
def test_a_function_that_cannot_work_is_given_up_at_once(photos: Path, score, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        facegap.evaluate(study(photos, Api().model(score=score)))


def test_comparisons_that_always_fail_do_not_stop_the_next_run(photos: Path) -> None:
    api = Api()

    def answer(first: str, second: str) -> float | None:
        if "y3/2" in second:  # in 26 comparisons, the last ones
            raise ConnectionError("no such face")
        return api(first, second)

    model = api.model(score=answer, retries=0)
    first = facegap.evaluate(study(photos, model))
    calls = api.calls
    assert rows(facegap.evaluate(study(photos, model))) == rows(first)
    assert api.calls == calls


@pytest.mark.parametrize(("direction", "other"), [("similarity", 0.1), ("distance", 1.3)])
@pytest.mark.parametrize("threshold", [0.6, 0.7, 0.85])  # above and below the float32 next to them
def test_a_score_that_equals_the_threshold_is_accepted(photos: Path, tmp_path, threshold, direction, other) -> None:
    def score(first: str, second: str) -> float:
        return threshold if Path(first).parent == Path(second).parent else other

    asked = Api().model(score=score, threshold=threshold, comparator=direction)
    paths = [f"{cohort}/{cohort}{s}/{k}.png" for cohort, n in (("x", 5), ("y", 4)) for s in range(n) for k in range(3)]
    lines = [
        f"{a},{b},{score(a, b)},{Path(a).parent.name},{Path(b).parent.name}"
        for number, a in enumerate(paths)
        for b in paths[number + 1 :]
    ]
    (tmp_path / "s.csv").write_text("\n".join(["path_a,path_b,score,subject_a,subject_b", *lines]))
    given = f"given={tmp_path / 's.csv'},threshold={threshold},scores={direction}"
    evaluation = facegap.evaluate(study(photos, asked, given, intervals="none"))
    for model in ("api", "given"):
        assert evaluation.value("fnmr", model=model, cohort="x", at="shipped") == 0


def test_a_number_that_float32_cannot_hold_is_no_score(photos: Path) -> None:
    api = Api()

    def answer(first: str, second: str) -> float | None:
        if "x0/0" in first or "x0/0" in second:
            return 10**400 if "x0/1" in second else 1e300
        return api(first, second)

    for _ in range(2):  # as they were answered, and as they are kept
        evaluation = facegap.evaluate(study(photos, api.model(score=answer)))
        assert "26 got none" in " ".join(one.text for one in shown_findings(evaluation))


def test_a_drawn_sample_is_all_that_is_asked_for(photos: Path) -> None:
    api = Api()
    evaluation = facegap.evaluate(study(photos, api.model(), pairs=150))
    assert api.calls == 150
    assert "150 of 351 comparisons were drawn" in " ".join(one.text for one in shown_findings(evaluation))
    made = {row["metric"]: row["value"] for row in rows(evaluation) if row["probe_cohort"] == "all"}
    assert made["genuine"] + made["impostor"] < 150  # those without a score are failures
    assert made["genuine_share"] < 27 / 300  # of all comparisons, not of those that were drawn
    assert evaluation.provenance["pairs"] == "150"


def test_images_in_an_archive_are_files_to_the_function(photos: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "people"), "zip", photos / "y")
    api = Api()
    packed = facegap.evaluate(study(tmp_path / "people.zip", api.model()))
    assert auc(packed, "people") > 0.8
    assert not any(Path(path).exists() for pair in api.asked for path in pair)


def test_images_at_a_url_are_files_to_the_function(photos: Path) -> None:
    system = fsspec.filesystem("memory")
    system.put(str(photos / "y"), "/black box/people", recursive=True)
    api = Api()
    evaluation = facegap.evaluate(replace(study(photos, api.model()), inputs=["memory://black box/people"]))
    assert auc(evaluation, "people") > 0.8
    system.rm("/black box", recursive=True)


def test_an_unreadable_image_is_a_failure_and_not_asked_about(photos: Path) -> None:
    (photos / "y" / "y1" / "3.png").symlink_to(photos / "gone.png")
    api = Api()
    evaluation = facegap.evaluate(study(photos, api.model()))
    assert not any("3.png" in path for pair in api.asked for path in pair)
    assert "27 have an image that cannot be read" in " ".join(one.text for one in shown_findings(evaluation))


def test_a_person_can_be_forgotten(photos: Path) -> None:
    api = Api()
    facegap.evaluate(study(photos, api.model()))
    root = photos.parent / "store"
    (image,) = facegap.jobs.hashing.hash_images([str(photos / "x" / "x1" / "0.png")])
    assert upkeep.forget(root, [image]).scores == 26
    facegap.evaluate(study(photos, api.model()))
    assert api.calls == 351 + 26


def test_a_black_box_stands_beside_a_model_on_the_same_comparisons(photos: Path) -> None:
    def embed(crops: np.ndarray) -> np.ndarray:
        return np.stack([crops.mean(axis=(1, 2, 3)), np.ones(len(crops))], axis=1) / 255

    spec = facegap.ModelSpec("own", "python", "1", "whole", 8, 2, facegap.Comparator.EUCLIDEAN)
    own = facegap.Model(embed=embed, spec=spec)
    evaluation = facegap.evaluate(study(photos, own, Api().model(), pairs=150))
    of_both = evaluation.metrics.filter(images="common", metric="impostor", probe_cohort="all")
    assert of_both["model"].to_list() == ["own", "api"]
    assert of_both["value"].n_unique() == 1


def test_a_changed_function_is_asked_anew_and_one_without_a_text_needs_a_version() -> None:
    def one(first: str, second: str) -> float:
        return 1.0

    def other(first: str, second: str) -> float:
        return 2.0

    assert facegap.PairModel(one).key != facegap.PairModel(other, name="one").key
    assert facegap.PairModel(one, version="1").key == facegap.PairModel(other, name="one", version="1").key
    assert facegap.PairModel(one).name == "one"
    with pytest.raises(ModelError, match="says no version: give one"):
        facegap.PairModel(Api(), name="api")
    with pytest.raises(ModelError, match="says no name: give one"):
        facegap.PairModel(lambda first, second: 1.0)
    with pytest.raises(ModelError, match="retries=-1 cannot be: give 0 or more"):
        replace(Api().model(), retries=-1)


def test_so_many_images_need_a_sample(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facegap.jobs.black_box.MOST", 350)
    with pytest.raises(InputError, match="27 images make 351 comparisons, too many to ask for: draw some"):
        facegap.evaluate(study(photos, Api().model()))


def test_an_anonymous_study_asks_for_the_same_files_and_names_none(photos: Path) -> None:
    api = Api()
    said: list[str] = []
    evaluation = facegap.evaluate(study(photos, api.model(), pairs=150, anonymous=True), say=said.append)
    assert api.calls == 150
    assert all(Path(path).is_file() for pair in api.asked for path in pair)
    found = " ".join([*said, *(one.text for one in shown_findings(evaluation))])
    assert "150 of 351 comparisons were drawn" in found
    assert "photos/" not in found
