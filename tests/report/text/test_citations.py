"""BibTeX of what a report made use of."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facegap.data.evaluation import Evaluation
from facegap.metrics.registry import Metric, register, registered, unregister
from facegap.report.text.citations import METHODS, REFERENCES, bibtex, entries
from facegap.report.text.methods import METHODS as SENTENCES

KEY = re.compile(r"^@\w+\{([^,]+),$", re.MULTILINE)


def test_every_reference_is_an_entry_that_is_whole() -> None:
    keys = {key for of in (REFERENCES, METHODS) for found in of.values() for key in found}
    assert keys == entries().keys()
    for key, entry in entries().items():
        assert KEY.findall(entry) == [key]
        assert entry.count("{") == entry.count("}")
        assert {"title", "year"} <= set(re.findall(r"^  (\w+) = \{", entry, re.MULTILINE))


def test_references_and_codes_are_those_of_the_records() -> None:
    assert REFERENCES.keys() <= {one.reference for one in registered()}
    assert METHODS.keys() <= SENTENCES.keys()


def test_what_a_report_used_is_cited_once(make_evaluation: Callable[..., Evaluation]) -> None:
    keys = KEY.findall(bibtex(make_evaluation()))
    assert keys[0] == "facegap"
    assert len(keys) == len(set(keys))
    assert {"iso19795-1", "hanley1982", "vanrijsbergen1979"} <= set(keys)
    assert "doddington2000" not in keys, "no detection cost was asked for"
    assert KEY.findall(bibtex()) == ["facegap"]


@pytest.fixture
def plugged() -> Iterator[str]:
    name = register(Metric(name="auc_of_mine", reference="Me & You, 50% {sure}")).name
    yield name
    unregister(name)


def test_a_reference_of_another_package_is_cited_as_written(plugged, make_evaluation, run, tmp_path: Path) -> None:
    made = make_evaluation()
    renamed = made.to_json().replace(b'"pauc"', b'"auc_of_mine"')
    (tmp_path / "evaluation.json").write_bytes(renamed)
    code, printed, _ = run("cite", tmp_path)
    assert code == 0
    assert "@misc{metric-auc-of-mine,\n  note = {Me \\& You, 50\\% \\{sure\\}}\n}" in printed
