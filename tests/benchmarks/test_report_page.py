"""The benchmark of the report's page weighs a report."""

import pytest

from benchmarks import report_page


@pytest.mark.slow
def test_a_small_report_is_weighed(tmp_path, monkeypatch):
    monkeypatch.setattr(report_page, "CHROMIUM", tmp_path / "absent")
    found = report_page.weighed(report_page.Case("small", 1, 2, 1.0, subjects=8, images=3), tmp_path)
    assert found.bytes == (tmp_path / "report" / "index.html").stat().st_size
    assert found.elements is found.drawn is None
    assert found.seconds > 0
