"""Many sha256 in few bytes: as a sequence of texts, by their first rows, and looked up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facegap.data.digests import Digests, Lookup

SOME = st.sampled_from(["", *(f"{number:064x}" for number in (0x5600, 1, 2, 1 << 255, (1 << 255) + 1))])


@given(st.lists(SOME))
def test_they_are_the_texts_and_equal_ones_have_one_first_row(texts):
    made = Digests.of(texts)
    assert list(made) == texts
    assert made.known.tolist() == [bool(text) for text in texts]
    assert made.first_rows().tolist() == [texts.index(text) if text else row for row, text in enumerate(texts)]


@given(st.lists(SOME.filter(bool)), st.lists(SOME.filter(bool)))
def test_a_lookup_finds_the_first_row_of_what_is_there(texts, asked):
    lookup = Lookup(Digests.of(texts))
    assert lookup.rows(asked).tolist() == [texts.index(text) if text in texts else -1 for text in asked]
    assert [text in lookup for text in asked] == [text in texts for text in asked]


def test_one_can_be_written_and_taken_away():
    made = Digests.none(3)
    made[1] = f"{7:064x}"
    assert list(made) == ["", f"{7:064x}", ""]
    assert list(made[1:]) == [f"{7:064x}", ""]
    assert list(made.without(np.array([True, True, False]))) == ["", "", ""]
    assert made[1] == f"{7:064x}"
