"""The study runs, whatever is asked of it, and says the same on any number of workers."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from studies.coverage import main, parser, run, study
from studies.pages import before_in, page, read
from studies.populations import POPULATIONS
from studies.summary import SCHEMA

from studies import coverage, ours, peers

FEW = ["--draws", "3", "--difference-draws", "2", "--peer-draws", "1", "--workers", "1", "--seed", "190733"]
"""Few draws, of people who make enough errors for every quantity."""


def asked(*options, few=FEW):
    return parser().parse_args([*few, *map(str, options)])


@pytest.mark.usefixtures("small_truth")
def test_every_population_method_and_quantity_is_there():
    few = study(asked("--population", "30 x 10", "--population", "lognormal pull, 60 x 5"))
    assert few.group_by("group", "population", "contrast", maintain_order=True).agg(
        pl.col("draws").filter(pl.col("method") == ours.METHOD).unique().first()
    ).rows() == [
        ("a", "30 x 10", "null", 3),
        ("a", "30 x 10", "difference", 2),
        ("b", "lognormal pull, 60 x 5", "null", 3),
        ("b", "lognormal pull, 60 x 5", "difference", 2),
    ]
    null = few.filter((pl.col("population") == "30 x 10") & (pl.col("contrast") == "null"))
    others = {peers.DELONG, peers.WILSON, peers.IMAGES, peers.SUBJECTS, peers.CIMAT}
    assert set(null["method"]) == {ours.METHOD, ours.UNPAIRED, *others}
    own = null.filter(pl.col("method") == ours.METHOD)
    found = own.group_by("kind", "level", maintain_order=True).len().rows()
    assert found == [
        ("single", 0.95, 11), ("single", 0.9, 8), ("single", 0.99, 8), ("models", 0.95, 6), ("cohorts", 0.95, 7),
        ("gaps", 0.95, 5),
    ]  # fmt: skip
    assert "single" not in set(few.filter(pl.col("contrast") == "difference")["kind"])


@pytest.mark.usefixtures("small_truth")
def test_draws_do_not_depend_on_the_number_of_workers():
    one, two = (run(POPULATIONS["30 x 10"], "difference", 3, workers=workers) for workers in (1, 2))
    assert repr(one) == repr(two)
    other = run(POPULATIONS["30 x 10"], "difference", 3, workers=1, seed=1)
    assert repr(one) != repr(other)


@pytest.mark.usefixtures("small_truth")
def test_the_command_prints_a_table_and_goes_on_from_finished_cells(capsys, tmp_path):
    wanted = ["--draws", "1", "--difference-draws", "0", "--peer-draws", "0", "--workers", "1"]
    wanted += ["--population", "30 x 10", "--keep", str(tmp_path)]
    main(wanted)
    first = capsys.readouterr().out
    assert "threshold of best F1" in first
    assert "30 x 10, null: " in first
    main([*wanted, "--seed", "5"])
    again = capsys.readouterr().out
    assert "30 x 10, null: " not in again
    assert again in first


@pytest.fixture
def people(tmp_path):
    """A file of 320 made-up people as two models see them, with 3 images each."""
    rng = np.random.default_rng(0)
    subject = np.repeat(np.arange(320), 3)
    vectors = rng.standard_normal((320, 1, 16)) + 0.6 * rng.standard_normal((2, 320, 3, 16))
    dlib, other = vectors.reshape(2, -1, 16).astype(np.float32)
    np.savez(tmp_path / "people.npz", subject=subject, dlib=dlib, other=other)
    return tmp_path / "people.npz"


@pytest.mark.slow
@pytest.mark.usefixtures("small_truth")
def test_real_people_many_cohorts_and_plans_are_studied(people, monkeypatch):
    monkeypatch.setattr(coverage, "STUDIES_OF_A_PLAN", 2)
    few = ["--draws", "0", "--difference-draws", "0", "--real-draws", "2", "--splits", "2", "--pilots", "1"]
    found = study(asked("--real", people, "--group", "c", "--group", "d", "--group", "e", few=[*few, "--workers", "1"]))
    real = found.filter(pl.col("group") == "c")
    assert real["population"].n_unique() == 5
    assert set(real.filter(pl.col("population").str.contains("jittered"))["kind"]) == {"models"}
    of_two = real.filter(~pl.col("population").str.contains("jittered") & (pl.col("method") == ours.METHOD))
    assert set(of_two.filter(pl.col("kind") == "models")["contrast"]) == {"difference"}
    assert of_two.filter(pl.col("kind") == "cohorts").select(off=(pl.col("truth") - (pl.col("scale") == "ratio")))[
        "off"
    ].unique().to_list() == [0.0]
    claims = found.filter(pl.col("group") == "d")
    assert claims["population"].n_unique() == 9
    assert set(claims["kind"]) == {"holm", "raw"}
    plans = found.filter(pl.col("kind") == "plan")
    assert plans["draws"].to_list() == [2, 2]


def test_without_real_embeddings_the_rest_is_studied_and_it_is_said(tmp_path):
    lines = []
    found = study(asked("--group", "c", "--real", tmp_path / "none.npz"), lines.append)
    assert found.schema == SCHEMA
    assert found.height == 0
    assert re.search(r"none.npz is not there: .*--real", lines[0])


def test_what_the_page_shows_is_what_the_file_says():
    docs = Path(__file__).parents[2] / "docs"
    assert page(read(docs / "coverage.json"), before_in(docs)) == (docs / "coverage.md").read_text(encoding="utf-8")
