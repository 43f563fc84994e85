"""The check of a built site finds what is planted, and nothing else."""

from pathlib import Path

from sitemaker.links import faults


def site(folder: Path, **pages: str) -> Path:
    for name, body in pages.items():
        (folder / f"{name}.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
    return folder


def test_links_that_lead_somewhere(tmp_path: Path) -> None:
    (tmp_path / "look.css").write_text("a { background: url(data:image/png;base64,AA) }")
    made = site(
        tmp_path,
        one='<link href="look.css"><a href="two.html#there">x</a>'
        '<a href="https://example.org/">y</a><a href="#here" id="here">z</a>',
        two='<p id="there"></p><a href="one.html">back</a>',
    )
    assert faults(made) == []


def test_a_file_and_a_place_that_are_not_there(tmp_path: Path) -> None:
    made = site(tmp_path, one='<a href="gone.html">x</a><a href="two.html#gone">y</a>', two="")
    assert faults(made) == [
        "one.html links to gone.html: no such file",
        "one.html links to two.html#gone: no such place on that page",
    ]


def test_what_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "look.css").write_text('@import "https://fonts.example/a.css"; b { src: url(//cdn.example/b.woff) }')
    made = site(tmp_path, one='<script src="https://cdn.example/s.js"></script><img src="gone.png">')
    assert faults(made) == [
        "one.html loads https://cdn.example/s.js",
        "one.html loads gone.png",
        "look.css loads https://fonts.example/a.css",
        "look.css loads //cdn.example/b.woff",
    ]
