"""Catalogues are whole: every message is translated, with its places and elements, and compiled."""

import re
from collections.abc import Iterator
from gettext import translation
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from facegap.report.text import language
from facegap.report.text.language import in_language, paragraph

TRANSLATED = [code for code in language.languages() if code != language.SOURCE]


def catalogue_of(code: str) -> Catalog:
    with (language.LOCALES / code / "LC_MESSAGES" / "facegap.po").open("rb") as file:
        return read_po(file)


def messages_of(code: str) -> Iterator[tuple[Message, tuple[str, ...], tuple[str, ...]]]:
    """Yield the messages of a catalogue, their English forms and their translated forms."""
    for message in catalogue_of(code):
        if message.id:
            yield message, forms(message.id), forms(message.string or "")


def forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def held(text: str) -> tuple[set[tuple[str, ...]], list[str]]:
    """Return the places that a message has for values, with their forms, and its elements and entities of HTML."""
    places = {(place, form or "", conversion or "") for _, place, form, conversion in Formatter().parse(text)
              if place is not None}  # fmt: skip
    return places, sorted(re.findall(r"</?\w+>|&\w+;", text))


def test_there_are_translations() -> None:
    assert "ja" in TRANSLATED


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_message_is_left_untranslated_or_guessed(code: str) -> None:
    with (language.LOCALES / "facegap.pot").open("rb") as file:
        listed = {(one.context, one.id) for one in read_po(file) if one.id}
    found = list(messages_of(code))
    assert {(message.context, message.id) for message, _english, _translated in found} == listed, "run `make messages`"
    assert [english for message, english, translated in found if message.fuzzy or not all(translated)] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_keep_places_and_elements(code: str) -> None:
    wrong = [
        (english[-1], text)
        for _message, english, translated in messages_of(code)
        for text in translated
        if held(text) != held(english[-1])
    ]
    assert wrong == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_label_keeps_no_space_at_its_ends_that_the_english_has_not(code: str) -> None:
    spaced = [text for _message, english, translated in messages_of(code) for text in translated
              if text != text.strip() and english[-1] == english[-1].strip()]  # fmt: skip
    assert spaced == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_is_compiled_is_what_is_written(code: str) -> None:
    compiled = translation(language.DOMAIN, language.LOCALES, [code])
    for message, english, translated in messages_of(code):
        first, last = english[0], english[-1]
        if not isinstance(message.id, str):
            said = {compiled.ngettext(first, last, n) for n in range(100)}
        else:
            said = {compiled.pgettext(message.context, first) if message.context else compiled.gettext(first)}
        assert said == set(translated), "run `make messages`"


def test_japanese_sentences_have_no_space_between_them() -> None:
    with in_language("ja"):
        assert paragraph(["一。", "二。", "三。"]) == "一。二。三。"
    assert paragraph(["One.", "Two."]) == "One. Two."
    assert paragraph([]) == ""
