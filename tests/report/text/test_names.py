from hypothesis import given
from hypothesis import strategies as st

from facegap.report.text.names import LEGEND_LENGTH, file_stem, short_names


def test_a_long_name_loses_its_middle() -> None:
    name = "efficientnetv2_arcface_fine_tuned_on_everything.onnx"
    short = short_names([name, "dlib"])
    assert short["dlib"] == "dlib"
    assert len(short[name]) <= LEGEND_LENGTH
    assert short[name].startswith("efficientnet")
    assert short[name].endswith(".onnx")


def test_names_that_would_look_the_same_stay_whole() -> None:
    a, b = "x" * 20 + "1" + "y" * 20, "x" * 20 + "2" + "y" * 20
    assert short_names([a, b]) == {a: a, b: b}


def test_file_names_keep_letters_of_any_script_and_lose_the_rest() -> None:
    taken: set[str] = set()
    assert file_stem(taken, "roc", "若年女性") == "roc-若年女性"
    assert file_stem(taken, "roc", '../<b>&"q"') == "roc-b-q"
    assert file_stem(taken, "roc", "") == "roc-unnamed"


@given(st.lists(st.lists(st.text(max_size=40), min_size=1, max_size=3), max_size=12))
def test_file_names_differ_even_where_case_does_not_count(parts: list[list[str]]) -> None:
    taken: set[str] = set()
    stems = [file_stem(taken, *each) for each in parts]
    assert len({stem.casefold() for stem in stems}) == len(stems)
    assert all(stem and not set(stem) & set('/\\:*?"<>|.') for stem in stems)
    assert all(len(stem.encode()) < 240 or len(parts) > 3 for stem in stems)
