import polars as pl
import pytest
from PIL import Image

from facegap.jobs.lookalike import LOOKALIKE_SCHEMA
from facegap.report.page.lookalike_page import lookalike_page
from report.page.test_page import Page

NAME = "山田<b>"


@pytest.fixture
def found(tmp_path) -> pl.DataFrame:
    picture = tmp_path / "a.png"
    Image.new("RGB", (300, 300), (9, 90, 200)).save(picture)
    rows = [
        ("m", 1, 0.91, "same-file", str(picture), NAME, "c", str(tmp_path / "gone.png"), "b", "c"),
        ("m", 2, 0.73, "", str(picture), NAME, "c", str(picture), "d", "c"),
    ]
    return pl.DataFrame(rows, schema=LOOKALIKE_SCHEMA, orient="row")


def test_faces_stand_side_by_side_on_a_page_that_loads_nothing(found):
    text = lookalike_page(found, name="people")
    page = Page(text)
    assert not page.open
    words = " ".join(" ".join(page.text).split())
    assert "Look-alikes in people" in words
    assert words.index("0.7300") < words.index("The same file under two names") < words.index("0.9100")
    assert NAME not in text
    assert NAME in words
    sources = [attributes["src"] for tag, attributes in page.attributes if tag == "img"]
    assert len(sources) == 3
    assert all(source and source.startswith("data:image/jpeg") for source in sources)
    assert "no picture" in words
    assert not page.scripts
    assert "@font-face" in text
