"""`facegap explain` makes a report anew, with the section Why, where its images are still what they were."""

import json
import shutil

import numpy as np
import pytest

import facegap
from jobs.explaining.test_explaining import BOTH, write


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with saved embeddings and the report of a command that was run there."""
    folder = tmp_path_factory.mktemp("made")
    command = "facegap evaluate saved.npz --cohort group --charts none --out report --quiet"
    asked = facegap.Study(inputs=[write(folder, BOTH)], cohort_by=["group"], command=command)
    facegap.write_report(facegap.evaluate(asked), folder / "report", images=False, charts=())
    return folder


@pytest.fixture
def report(made, tmp_path, monkeypatch):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "report"


def test_a_report_is_explained_from_the_command_that_made_it(run, report):
    before = json.loads((report / "evaluation.json").read_bytes())
    code, out, err = run("explain", report)
    assert code == 0, err
    assert "by which AUC is lower on worse than on usual" in " ".join(out.split())
    after = json.loads((report / "evaluation.json").read_bytes())
    assert "explanation" not in before
    assert after["explanation"]["gaps"]["metric"]
    assert after["metrics"] == before["metrics"]
    assert after["provenance"]["command"] == "facegap evaluate saved.npz --cohort group --explain --charts none"


def test_a_report_of_other_images_is_left_as_it_is(run, report, tmp_path):
    before = (report / "evaluation.json").read_bytes()
    write(tmp_path, BOTH, embedding=lambda group: np.random.default_rng(0).normal(size=(len(group), 32)))
    code, _, err = run("explain", report)
    assert code == 2
    assert "no longer those of the report" in err
    assert (report / "evaluation.json").read_bytes() == before


def test_a_report_that_does_not_say_its_command_is_refused(run, report):
    file = report / "evaluation.json"
    plain = json.loads(file.read_bytes())
    del plain["provenance"]["command"]
    file.write_text(json.dumps(plain))
    code, _, err = run("explain", report)
    assert code == 2
    assert "with --explain" in err
