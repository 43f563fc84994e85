"""The page names every shortfall, and sets the method before beside this one."""

import polars as pl
import pytest
from studies.pages import BEFORE, before_in, encoded, page, read, write
from studies.summary import SCHEMA

from studies import bounds, ours, peers

PLAIN = {
    "group": "a", "population": "60 x 5", "contrast": "null", "method": ours.METHOD, "kind": "single", "metric": "auc",
    "at": "", "scale": "", "level": 0.95, "label": "AUC", "truth": 0.9, "draws": 1000, "cover": 0.95, "above": 0.02,
    "below": 0.03, "none": 0.0, "width": 0.1, "bias": 0.0, "rejects": None,
}  # fmt: skip
TEST = {"kind": "models", "scale": "difference", "truth": 0.0, "rejects": 0.05}
CLAIM = {"group": "d", "population": "LFW: 4 cohorts", "kind": "holm", "truth": None, "cover": None, "none": None}


def frame(*rows):
    return pl.DataFrame([PLAIN | row for row in rows], schema=SCHEMA)


def section(text, title):
    return text.partition(f"## {title}")[2].partition("\n## ")[0]


EVERYTHING = frame(
    {},
    {"cover": 0.871, "metric": "eer", "label": "EER"},
    {"cover": 0.921, "metric": "tar", "at": "fmr=0.01", "label": "TAR@FMR=0.01", "none": 0.02},
    {"group": "b", "population": "families of 3, 60 x 5", "cover": 0.802},
    {**TEST, "rejects": 0.123},
    {**TEST, "truth": 0.01, "contrast": "difference", "rejects": 0.9},
    {**CLAIM, "rejects": 0.21},
    {**CLAIM, "kind": "raw", "rejects": 0.06},
    {**CLAIM, "group": "e", "population": "60 x 5, between two models", "kind": "plan", "rejects": 0.55},
    {"method": peers.DELONG, "cover": 0.61},
)


@pytest.mark.parametrize("before", [None, frame({"cover": 0.777}, {"cover": 0.9, "metric": "eer", "label": "EER"})])
def test_the_page_names_every_shortfall(before):
    named = section(page(EVERYTHING, before), "What is out of bounds")
    rows = bounds.outside(EVERYTHING)
    assert rows.height == 6
    lines = [line for line in named.splitlines() if line.startswith("| ")]
    for row in rows.iter_rows(named=True):
        wanted = (row["population"], row["what"], row["quantity"], f"{100 * row['share']:.1f}", row["reason"])
        assert any(all(one in line for one in wanted) for line in lines), row
    assert "a known limit" in named
    assert "- one model, TAR@FMR=0.01: 60 x 5 2.0" in named


def test_the_page_shows_every_cell():
    text = page(EVERYTHING)
    for share in ("95.0", "87.1", "92.1", "80.2", "12.3", "90.0", "21.0 / 6.0", "55.0 of 1,000", "61.0 (61.0)"):
        assert share in text, share


def test_the_method_before_stands_in_brackets():
    earlier = frame({"cover": 0.777}, {**CLAIM, "rejects": 0.333})
    text = page(EVERYTHING, earlier)
    assert "95.0 (77.7)" in section(text, "Every cell of a")
    assert "21.0 (33.3) / 6.0" in section(text, "Many cohorts")
    assert "(77.7)" not in page(EVERYTHING)
    assert "from 1,000 to 1,000 draws a cell" in text
    assert "in brackets are" not in page(EVERYTHING, EVERYTHING)


def test_the_pooled_table_takes_the_mean_over_quantities_and_populations():
    found = frame(
        {"cover": 0.9}, {"cover": 1.0, "metric": "eer", "label": "EER"}, {"population": "30 x 10", "cover": 0.85}
    )
    line = next(line for line in page(found).splitlines() if line.startswith("| coverage, one model"))
    assert "| 90.0 ± " in line


def test_what_is_written_is_read_and_set_beside(tmp_path):
    write(EVERYTHING, tmp_path)
    assert read(tmp_path / "coverage.json").equals(EVERYTHING)
    assert before_in(tmp_path) is None
    assert "DeLong, pairs" in (tmp_path / "coverage.svg").read_text()
    assert (tmp_path / "coverage.png").read_bytes().startswith(b"\x89PNG")
    write(frame({}), tmp_path / "alone")
    assert sorted(one.name for one in (tmp_path / "alone").iterdir()) == ["coverage.json", "coverage.md"]
    (tmp_path / BEFORE).write_bytes(encoded(frame({"cover": 0.777})))
    write(EVERYTHING, tmp_path)
    assert "(77.7)" in (tmp_path / "coverage.md").read_text()
