import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from facegap.run.text import clean, counted, natural, one_line, shortened


@given(st.text())
def test_however_a_name_is_encoded_it_is_the_same_name(name: str) -> None:
    assert clean(unicodedata.normalize("NFD", name)) == clean(f"\u3000{name}\n")
    assert clean(clean(name)) == clean(name)


@given(st.lists(st.text()))
def test_any_names_can_be_sorted_naturally(names: list[str]) -> None:
    ordered = sorted(names, key=natural)
    assert sorted(ordered, key=natural) == ordered


def test_numbers_in_names_are_sorted_by_value() -> None:
    assert sorted(["age 10", "age 9", "unknown", "10", "9"], key=natural) == ["9", "10", "age 9", "age 10", "unknown"]


def test_messages() -> None:
    assert counted(1, "image") == "1 image"
    assert counted(2, "image") == "2 images"
    assert shortened("abc") == "a, b, c"
    assert shortened("abcdefg") == "a, b, c, d, e and 2 more"
    assert one_line(ValueError("two\nlines")) == "two lines"
    assert one_line(ValueError()) == "ValueError"
