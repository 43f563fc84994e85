"""The language of texts: every message is listed, and a folder with a catalogue is all that a language takes."""

import re
import threading
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError
from facegap.report.text import language
from facegap.report.text.formatting import metric_text
from facegap.report.text.language import _, in_language, listed, listening, ngettext, shortened
from facegap.report.text.verdict import verdicts

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = language.LOCALES / "facegap.pot"


def said() -> list[str]:
    """Return what takes a template besides `_`, as `make messages` looks for it."""
    found = re.search(r"^SAID := (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1].split()


def listed_messages() -> Catalog:
    with TEMPLATE.open(encoding="utf-8") as file:
        return read_po(file)


@pytest.fixture
def upper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the code of a language that writes a few messages in capitals."""
    catalogue = Catalog(locale="tr")
    for message in ("not resolvable", "{part} of {total}", "{names} and {last}"):
        context = "enumeration" if "names" in message else None
        catalogue.add(message, message.replace("not resolvable", "NOT RESOLVABLE").replace("of", "OF"), context=context)
    folder = tmp_path / "locales" / "tr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "facegap.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(language, "LOCALES", tmp_path / "locales")
    language._read.cache_clear()
    return "tr"


def test_every_message_is_listed() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        mappings = tomllib.load(file)["tool"]["babel"]["mappings"]
    methods = [(each["pattern"], each["method"]) for each in mappings]
    options = {each.pop("pattern"): each for each in mappings}
    extracted = extract_from_dir(ROOT, methods, options, DEFAULT_KEYWORDS | parse_keywords(said()))
    found = {(context, message) for _name, _line, message, _comments, context in extracted}
    assert found
    assert found == {(one.context, one.id) for one in listed_messages() if one.id}, "run `make messages`"


def test_a_language_is_a_folder_with_a_catalogue(upper: str) -> None:
    assert language.languages() == ["en", upper]
    row = {"metric": "tar", "value": None, "low": None, "high": None}
    with in_language(upper):
        assert language.current_language() == upper
        assert metric_text(row) == "NOT RESOLVABLE"
        assert _("{part} of {total}", part=1, total=2) == "1 OF 2"
        assert _("shipped") == "shipped", "what a catalogue lacks stays English"
    assert language.current_language() == "en"
    assert metric_text(row) == "not resolvable"


def test_threads_write_in_languages_of_their_own(upper: str) -> None:
    said: list[str] = []
    with in_language(upper):
        other = threading.Thread(target=lambda: said.append(_("not resolvable")))
        other.start()
        other.join()
        said.append(_("not resolvable"))
    assert said == ["not resolvable", "NOT RESOLVABLE"]


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match="no language 'xx': choose one of en"), in_language("xx"):
        pass


def test_values_are_text_whatever_they_hold() -> None:
    assert _("{part} of {total}", part="{total}", total="%s") == "{total} of %s"


@pytest.mark.parametrize(("names", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_an_enumeration(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_many_names_are_shortened() -> None:
    assert shortened(["a", "b"], 2) == "a, b"
    assert shortened(["a", "b", "c"], 2) == "a, b and 1 more"


def test_one_has_no_plural() -> None:
    assert [ngettext("{n} row", "{n} rows", n, n=n) for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


def test_a_name_may_hold_what_stands_between_a_name_and_what_is_said(evaluation: Evaluation) -> None:
    names = evaluation.models.with_columns(model=evaluation.models["model"].replace("dlib", "a: b"))
    renamed = evaluation.metrics.with_columns(model=evaluation.metrics["model"].replace("dlib", "a: b"))
    first = verdicts(replace(evaluation, models=names, metrics=renamed))[0]
    assert first.about == "a: b"


def test_texts_are_said_again_in_another_language_and_names_stay() -> None:
    with listening() as heard:
        text = _("{score} (stricter →)", score=_("similarity"))
        named = _("{score} (stricter →)", score="a name")
    with in_language("ja"):
        assert heard.again(text) == _("{score} (stricter →)", score=_("similarity")) != text
        assert "a name" in heard.again(named)
        assert heard.again("a name") == "a name"
