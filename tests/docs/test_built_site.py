"""The whole site is built without a warning, in both languages, and holds together."""

import subprocess
import sys
from pathlib import Path

import pytest

from sitemaker.links import faults

DOCS = Path(__file__).resolve().parents[2] / "docs"


def build(out: Path, language: str, work: Path) -> None:
    options = ("-W", "--keep-going", "-q", "-b", "html", "-D", f"language={language}", "-d", str(work / language))
    done = subprocess.run([sys.executable, "-m", "sphinx", *options, DOCS, out], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_site_is_whole_in_both_languages(tmp_path: Path) -> None:
    site = tmp_path / "site"
    build(site, "en", tmp_path)
    build(site / "ja", "ja", tmp_path)
    assert faults(site) == []
    japanese = (site / "ja" / "start.html").read_text(encoding="utf-8")
    assert "10 分で始める" in japanese
    assert "このページは英語版のみです" not in japanese
    assert "このページは英語版のみです" in (site / "ja" / "train.html").read_text(encoding="utf-8")
    assert 'href="../start.html"' in japanese.replace('href="./../', 'href="../')
    assert 'hreflang="ja"' in (site / "start.html").read_text(encoding="utf-8")
