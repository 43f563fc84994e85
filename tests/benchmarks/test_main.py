"""The whole suite at its smallest."""

import pytest
from benchmarks.__main__ import main


@pytest.mark.slow
def test_a_quick_run_writes_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("FACEGAP_BENCH_IMAGES", raising=False)
    main(["--quick", "--out", str(tmp_path)])
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    titles = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert titles == [
        "What was asked for", "The network alone", "From image files to embeddings",
        "What `--explain` measures of images", "Scoring", "Scores and thresholds", "Scores of a black box", "Start-up",
        "Small commands", "The report's page", "Larger, computed", "The machine",
    ]  # fmt: skip
    assert "quick run" in page
    assert "all of it took" in capsys.readouterr().out
