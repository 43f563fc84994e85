"""The study itself: a few draws in every run, all of it in the slow one."""

from pathlib import Path

import msgspec
import polars as pl
import pytest
from studies.coverage import main, run, study
from studies.pages import page, write
from studies.populations import POPULATIONS
from studies.summary import SCHEMA

from studies import bounds, ours, peers
from studies import truth as truths

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def few():
    """A study too small to say anything, of two populations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(truths, "DRAWS", 10)
        truths.distributions.cache_clear()
        chosen = [POPULATIONS["30 x 10"], POPULATIONS["hubs, 50 x 6"]]
        found = study(chosen, draws=3, difference_draws=2, peer_draws=1, workers=1)
    truths.distributions.cache_clear()  # the whole study in this file needs the truth
    return found


def test_every_population_method_and_quantity_is_there(few):
    assert few.group_by("population", "contrast", maintain_order=True).agg(
        pl.col("draws").filter(pl.col("method") == ours.METHOD).unique().first()
    ).rows() == [
        ("30 x 10", "null", 3),
        ("30 x 10", "difference", 2),
        ("hubs, 50 x 6", "null", 3),
        ("hubs, 50 x 6", "difference", 2),
    ]
    null = few.filter((pl.col("population") == "30 x 10") & (pl.col("contrast") == "null"))
    assert set(null["method"]) == {ours.METHOD, ours.UNPAIRED, peers.DELONG, peers.WILSON, peers.IMAGES, peers.CIMAT}
    own = null.filter(pl.col("method") == ours.METHOD)
    assert own.group_by("kind", maintain_order=True).len().rows() == [("single", 9), ("models", 6), ("cohorts", 8)]
    assert "single" not in set(few.filter(pl.col("contrast") == "difference")["kind"])


def test_draws_do_not_depend_on_the_number_of_workers(monkeypatch):
    monkeypatch.setattr(truths, "DRAWS", 2)
    truths.distributions.cache_clear()
    one, two = (run(POPULATIONS["30 x 10"], "difference", 3, workers=workers) for workers in (1, 2))
    assert repr(one) == repr(two)
    other = run(POPULATIONS["30 x 10"], "difference", 3, workers=1, seed=1)
    truths.distributions.cache_clear()
    assert repr(one) != repr(other)


def test_the_page_names_every_population_and_every_shortfall(few, tmp_path):
    text = page(few)
    for name in ("30 x 10", "hubs, 50 x 6"):
        assert f"| {name} " in text
    assert "drawn 3 times" in text
    assert "drawn 2 more times" in text
    short = few.with_columns(cover=pl.when(pl.col("label") == "AUC").then(0.5).otherwise(0.95))
    section = page(short).partition("Under 90 %")[2].partition("From 90 %")[0]
    assert "- one model, AUC: 30 x 10 50.0; hubs, 50 x 6 50.0" in section
    assert "FMR" not in section
    write(few, tmp_path)
    assert pl.DataFrame(msgspec.json.decode((tmp_path / "coverage.json").read_bytes())).height == few.height
    drawn = (tmp_path / "coverage.svg").read_text()
    assert "DeLong, pairs" in drawn
    assert (tmp_path / "coverage.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_prints_a_table(monkeypatch, capsys):
    monkeypatch.setattr(truths, "DRAWS", 2)
    truths.distributions.cache_clear()
    wanted = ["--draws", "1", "--difference-draws", "0", "--peer-draws", "0", "--workers", "1"]
    main([*wanted, "--population", "30 x 10"])
    truths.distributions.cache_clear()
    assert "threshold of best F1" in capsys.readouterr().out


@pytest.fixture(scope="module")
def whole():
    """The study that docs/coverage.md shows."""
    return study(list(POPULATIONS.values()))


@pytest.fixture(scope="module")
def written():
    """The numbers that docs/coverage.md shows."""
    return pl.DataFrame(msgspec.json.decode((DOCS / "coverage.json").read_bytes()), schema=SCHEMA)


def said(rows):
    return "\n" + "\n".join(
        str(row) for row in rows.select("population", "contrast", "kind", "label", "cover", "rejects").rows()
    )


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(whole):
    wrong = bounds.uncovered(whole)
    assert wrong.height == 0, said(wrong)


@pytest.mark.slow
def test_nothing_is_found_where_nothing_is(whole):
    wrong = bounds.misleading(whole)
    assert wrong.height == 0, said(wrong)


def test_the_page_shows_all_numbers_and_every_shortfall(written):
    assert page(written) == (DOCS / "coverage.md").read_text(encoding="utf-8")


def test_what_the_page_shows_is_within_bounds(written):
    """A study that got worse must not be written down unseen."""
    out, misled = bounds.uncovered(written), bounds.misleading(written)
    assert out.height == 0, said(out)
    assert misled.height == 0, said(misled)


@pytest.mark.slow
def test_the_study_finds_what_the_page_shows(whole, written):
    moved = bounds.moved(whole, written)
    assert moved.height == 0, said(moved)
    assert bounds.judged(whole).height == bounds.judged(written).height


@pytest.mark.slow
def test_the_paired_test_has_more_power_than_the_unpaired_one(whole):
    found = bounds.power(whole)
    weaker = found.filter(pl.col("paired") <= pl.col("unpaired"))
    assert found.height == 6 * len(POPULATIONS)
    assert weaker.height == 0, str(weaker.rows())


@pytest.mark.slow
def test_intervals_over_comparisons_are_as_bad_as_said(whole):
    null = whole.filter((pl.col("contrast") == "null") & (pl.col("kind") == "single"))
    assert null.filter(pl.col("method") == peers.DELONG)["cover"].max() < 0.85
    wilson = null.filter((pl.col("method") == peers.WILSON) & (pl.col("metric") == "fmr"))
    assert wilson.filter(pl.col("population").str.starts_with("hubs"))["cover"].max() < 0.3
