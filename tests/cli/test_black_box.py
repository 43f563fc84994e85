"""A function of the user's own as a model on the command line, asked for a sample of comparisons."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import facegap
from facegap.data.comparator import Comparator
from facegap.errors import ModelError
from facegap.models import parse_model, parse_pair_model
from running import Run

API = """
from pathlib import Path
import facegap

def compare(first, second):
    with Path("calls.txt").open("a") as file:
        print(first, second, file=file)
    return float(Path(first).parent.name == Path(second).parent.name) + len(first) / 100

vendor = facegap.PairModel(compare, version="3", threshold=0.5, comparator="similarity", wait=0.0)
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "our_api.py").write_text(API)
    rng = np.random.default_rng(0)
    for s in range(6):
        for k in range(3):
            path = tmp_path / "photos" / f"s{s}" / f"{k}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (4, 4), np.uint8)).save(path)
    yield tmp_path
    sys.modules.pop("our_api", None)


def calls(here: Path) -> int:
    return len((here / "calls.txt").read_text().splitlines())


def test_a_function_of_a_module_is_asked_for_a_sample(here: Path, run: Run) -> None:
    model = "api=our_api:compare,budget=60"
    code, out, err = run("evaluate", "photos", "-m", model, "--pairs", "60", "--store", "kept", "--charts", "none")
    assert code == 0, err
    assert "60 of 153 comparisons were drawn: 18 of 18 genuine and 42 of 135 impostor" in " ".join(out.split())
    assert "kept from before" not in " ".join(out.split())
    assert calls(here) == 60
    again = "evaluate", "--config", "report/study.toml", "--store", "kept", "-o", "again"
    code, out, err = run(*again)
    assert code == 0, err
    assert "the answers to 60 more are kept from before" in " ".join(out.split())
    assert calls(here) == 60
    first, second = (facegap.read_report(here / folder) for folder in ("report", "again"))
    assert first.metrics.equals(second.metrics)


def test_a_spent_budget_is_one_line_and_exit_code_2(here: Path, run: Run) -> None:
    model = "our_api:compare,budget=10,scores=similarity"
    code, _, err = run("evaluate", "photos", "--model", model, "--store", "kept")
    assert code == 2
    said = " ".join(err.split())
    assert "the budget of 10 calls is spent, and 143 comparisons are left to ask for; the answers are kept" in said
    assert "Traceback" not in said


def test_a_module_may_hold_a_pair_model_with_all_that_it_takes(here: Path) -> None:
    found = parse_pair_model("our_api:vendor")
    assert found is not None
    assert (found.name, found.version, found.threshold) == ("compare", "3", 0.5)
    named = parse_pair_model("acme=our_api:vendor,threshold=0.7,budget=9,scores=distance")
    assert named is not None
    assert (named.name, named.threshold, named.budget, named.comparator) == ("acme", 0.7, 9, Comparator.DISTANCE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nowhere:compare", "there is no module nowhere, and no such package among .*insightface:NAME"),
        ("our_api:absent", "the module our_api has no absent: name a function of it"),
        ("broken:compare", r"the module broken cannot be imported \(SyntaxError: .*\): mend it"),
        ("leaves:compare", r"the module leaves cannot be imported \(SystemExit: 0\): mend it"),
        ("our_api:compare,budget=few", "threshold= and budget= take numbers"),
        ("our_api:compare,preset=arcface", "this model has no option preset"),
        ("our_api:API", "give a function of two paths"),
    ],
)
def test_what_cannot_be_asked_is_refused(here: Path, text: str, reason: str) -> None:
    (here / "broken.py").write_text("def compare(:\n")
    (here / "leaves.py").write_text("import sys\nsys.exit(0)\n")
    (here / "our_api.py").write_text(f"{API}\nAPI = 3\n")
    with pytest.raises(ModelError, match=reason):
        parse_pair_model(text)


@pytest.mark.parametrize("text", ["dlib", "dlib:weights.dat", "insightface:buffalo_l", "a.onnx", "dlib:reference"])
def test_other_models_are_left_to_others(here: Path, text: str) -> None:
    assert parse_pair_model(text) is None


@pytest.mark.parametrize(
    "command",
    [
        ("plan", "pilot=photos"), ("audit", "photos"), ("lookalikes", "photos"), ("calibrate", "photos"),
        ("verify", "photos/s0/0.png", "photos/s0/1.png"), ("adapt", "photos", "--no-general", "-o", "new.onnx"),
    ],
    ids=lambda command: command[0],
)  # fmt: skip
def test_a_command_that_asks_no_black_box_says_which_one_does(here: Path, run: Run, command: tuple[str, ...]) -> None:
    code, _, err = run(*command, "--model", "api=our_api:compare,budget=60")
    assert code == 2
    said = " ".join(err.split())
    assert "is a black box, a function that compares two images: only facegap evaluate asks one" in said
    assert not (here / "calls.txt").exists()
    assert "our_api" not in sys.modules, "the user's module is not run for that"


def test_answers_are_no_network(here: Path) -> None:
    (here / "vendor.csv").write_text("path_a,path_b,score\n")
    for text in ("vendor.csv", "vendor=vendor.csv,threshold=0.5"):
        with pytest.raises(ModelError, match="holds the answers of a model, not the model: only facegap evaluate"):
            parse_model(text)
