"""The list of layouts, and the page that tells users of it."""

import re
from pathlib import Path

from facegap.datasets.discover import FILE_LAYOUTS, FOLDER_LAYOUTS, LAYOUTS
from facegap.datasets.images import find_images
from facegap.datasets.layouts import FILES, FOLDERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bring-your-own-data.md"


def test_the_page_lists_every_layout():
    table = PAGE.read_text(encoding="utf-8").partition("| `--layout` |")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == LAYOUTS


def test_a_name_is_of_folders_or_of_files():
    assert not {*FOLDER_LAYOUTS} & {*FILE_LAYOUTS}


def test_the_last_ones_take_what_is_left(tmp_path):
    assert FOLDERS[-1].fits(find_images(tmp_path))
    assert FILES[-1].fits(tmp_path / "any.csv")


def test_layouts_of_one_name_are_read_by_one_function():
    readers = {}
    for one in FILES:
        readers.setdefault(one.name, []).append((one.read, one.of_images))
    assert all(len(set(found)) == 1 for found in readers.values() if len(found) > 1), readers
