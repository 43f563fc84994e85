import base64
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import uharfbuzz as hb

from facegap.data.evaluation import Evaluation
from facegap.data.evaluation_tables import TABLES
from facegap.report.charts.figures import Figures, figures_of
from facegap.report.page.faces import shown_faces, thumbnails_of
from facegap.report.page.page import render
from facegap.run.progress import silent

Made = Callable[..., Evaluation]
NO_FIGURES = Figures(defaultdict(list))
VOID = {"meta", "img", "input", "br", "wbr"}


class Page(HTMLParser):
    """Collects what the tests ask for and checks that elements nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.scripts if self.open and self.open[-1] == "script" else self.text).append(data)


def page_of(evaluation: Evaluation, *, images: bool = True, figures: Figures | None = None) -> str:
    shown = shown_faces(evaluation)
    faces = thumbnails_of(shown, silent) if images else None
    return render(evaluation, figures_of(evaluation) if figures is None else figures, shown, faces)


@pytest.fixture(scope="module")
def html(evaluation: Evaluation) -> str:
    return page_of(evaluation)


@pytest.fixture(scope="module")
def sure_html(sure: Evaluation) -> str:
    return page_of(sure)


def test_intervals_bring_sections_that_are_absent_without_them(html: str, sure_html: str) -> None:
    new = {"forest", "differences", "model-differences", "differentials", "causes", "limits"}
    ids, more = ({a["id"] for _, a in Page(text).attributes if "id" in a} for text in (html, sure_html))
    assert not new & ids
    assert more == ids | new | {f"differences-{kind}" for kind in ("cohorts", "models", "gaps")}
    assert "95 % intervals" in sure_html
    assert "95 % intervals" not in html


@pytest.mark.parametrize("page", ["html", "sure_html"])
def test_the_page_is_well_formed_and_names_are_only_text(page: str, request: pytest.FixtureRequest) -> None:
    html = request.getfixturevalue(page)
    parsed = Page(html)
    assert parsed.open == []
    tags = {tag for tag, _ in parsed.attributes}
    assert "b" in tags  # the score's own
    assert '<b>&"' not in html
    assert "<script>alert" not in html
    assert "<i>" not in html
    assert "\x0b" not in html
    assert {tag for tag, attributes in parsed.attributes if any(name.startswith("on") for name in attributes)} == set()
    assert any('<b>&"quoted"\\x0b' in text for text in parsed.text), "a control character is shown, not given"
    assert sum(tag == "script" for tag, _ in parsed.attributes) == 7


def test_nothing_is_loaded(html: str) -> None:
    loads = [
        value
        for _, attributes in Page(html).attributes
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "action", "poster", "data"}
    ]
    assert loads
    assert all(value and value.startswith(("#", "data:")) for value in loads)
    style = html[html.index("<style>") : html.index("</style>")]
    assert all(target.startswith("data:") for target in re.findall(r"url\(([^)]*)\)", style))
    assert "@import" not in style
    assert "default-src 'none'" in html


def test_charts_find_their_data(sure_html: str) -> None:
    page = Page(sure_html)
    packed = page.scripts[
        [attributes.get("id") for tag, attributes in page.attributes if tag == "script"].index("charts")
    ]
    charts = json.loads(gzip.decompress(base64.b64decode(packed)))
    placed = {attributes["data-figure"] for _, attributes in page.attributes if "data-figure" in attributes}
    assert placed == set(charts["figures"])
    for views in charts["figures"].values():
        for spec in views.values():
            named = [part["data"]["name"] for part in [spec, *spec["layer"]] if "data" in part]
            assert named
            assert set(named) <= set(charts["data"])


def test_every_link_of_the_contents_leads_somewhere(sure_html: str) -> None:
    page = Page(sure_html)
    ids = [attributes["id"] for _, attributes in page.attributes if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in page.attributes if tag == "a"]
    assert links
    assert {str(link).removeprefix("#") for link in links} <= set(ids)


def test_own_and_common_rates_stand_in_tables_of_their_own(html: str) -> None:
    labels = [
        attributes["aria-label"]
        for _, attributes in Page(html).attributes
        if "scroll" in (attributes.get("class") or "")
    ]
    assert labels[:2] == [
        "Own images: every image the model could embed",
        "Common images: the images that every model could embed",
    ]


def test_faces_are_shown_and_broken_ones_have_a_placeholder(html: str, faces: list[str]) -> None:
    images = [attributes for tag, attributes in Page(html).attributes if tag == "img"]
    assert len({attributes["src"] for attributes in images}) == sum("face" in Path(path).name for path in faces)
    assert "no picture" in html
    assert "not resolvable" in html


def test_without_images_no_face_is_in_the_page(evaluation: Evaluation) -> None:
    html = page_of(evaluation, images=False, figures=NO_FIGURES)
    assert "data:image" not in html
    page = Page(html)
    assert "img" not in {tag for tag, _ in page.attributes}
    assert not any(attributes.get("class") == "no-face" for _, attributes in page.attributes)
    assert not any(attributes.get("id") == "sheet" for _, attributes in page.attributes)
    assert "山田花子" in html


def test_latin_names_need_no_font_but_that_of_the_switch(make_evaluation: Made, html: str) -> None:
    assert "data:font" in html
    latin = make_evaluation(cohorts=("general",), common=False)
    latin = replace(latin, extremes=latin.extremes.clear())
    (font,) = re.findall(r"data:font/otf;base64,([^)]*)", page_of(latin))
    glyphs = hb.Face(base64.b64decode(font)).unicodes  # pyright: ignore[reportAttributeAccessIssue]
    assert set(glyphs) == set(map(ord, "日本語"))


def test_a_long_name_may_break_after_an_underscore_and_stays_text(make_evaluation: Made) -> None:
    html = page_of(make_evaluation(cohorts=("young_<i>women", "general")), figures=NO_FIGURES)
    assert 'title="young_&lt;i&gt;women"' in html
    assert "young_<wbr>&lt;i&gt;women" in html
    assert "young_<i>women" not in html


def test_run_time_stays_out_of_the_page(make_evaluation: Made) -> None:
    small = make_evaluation(models={"dlib": ("euclidean", 0.6)}, cohorts=("general",), common=False)
    assert page_of(replace(small, seconds=99.0)) == page_of(small)


def test_an_evaluation_with_nothing_to_draw_still_has_a_page(evaluation: Evaluation) -> None:
    emptied = {name: getattr(evaluation, name).clear() for name in TABLES if name not in ("models", "cohorts")}
    page = Page(page_of(replace(evaluation, **emptied)))
    assert page.open == []
    assert any("No model ships a threshold" in text for text in page.text)
