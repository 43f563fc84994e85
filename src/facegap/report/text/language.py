"""The language that texts are in: gettext catalogues, chosen for the code that runs in one context.

A message is a whole sentence or a whole term in English, with named places: `_("{part} of {total}", part=3, total=9)`.
The current language is a context variable, so that threads and tasks can each write in a language of their own.
`locales/facegap.pot` lists all messages; a language is a folder `locales/CODE/LC_MESSAGES` with a catalogue.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path

from facegap.errors import InputError, filled

DOMAIN = "facegap"
SOURCE = "en"
"""The language that messages are written in; it needs no catalogue."""

LOCALES = Path(__file__).parent / "locales"

ASKED = "FACEGAP_LANG"
"""The environment variable that asks for a language by its code."""

_USUAL = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Where a system keeps the language of its user, as `ja_JP.UTF-8`: the first that is set decides."""


@dataclass(frozen=True)
class Language:
    """A language: its code, as HTML and gettext write it, and what translates into it."""

    code: str
    catalogue: NullTranslations


_ENGLISH = Language(SOURCE, NullTranslations())
_current: ContextVar[Language] = ContextVar("language", default=_ENGLISH)
_heard: ContextVar[dict[str, tuple[Callable[[], str], dict[str, object]]] | None] = ContextVar("heard", default=None)


def languages() -> list[str]:
    """Return the codes of the languages that texts can be in, English first."""
    return [SOURCE, *sorted(file.parents[1].name for file in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


def other_languages() -> list[str]:
    """Return the codes of the languages that texts can be in, but not that of the current one."""
    return [code for code in languages() if code != current_language()]


def language_name() -> str:
    """Return what the current language calls itself."""
    return pgettext("the name of this language in itself", "English")


def preferred(environment: Mapping[str, str]) -> str | None:
    """Return the language that an environment asks for, None where it asks for none that has a catalogue.

    What `FACEGAP_LANG` asks for is returned as it is: who names a language is told if there is none.
    """
    if asked := environment.get(ASKED):
        return asked
    usual = next(filter(None, (environment.get(name) for name in _USUAL)), "")
    place = re.split(r"[.@]", usual)[0]
    return next((code for code in (place, place.split("_")[0]) if code in languages()), None)


def current_language() -> str:
    """Return the code of the language that texts are in here."""
    return _current.get().code


@contextmanager
def in_language(language: str | Language) -> Iterator[None]:
    """Write texts in another language inside of this context.

    Raises:
        InputError: there is no catalogue of it.
    """
    token = _current.set(_read(language) if isinstance(language, str) else language)
    try:
        yield
    finally:
        _current.reset(token)


def in_each_language(say: Callable[[], str]) -> dict[str, str]:
    """Return a text in every language that texts can be in, by its code."""
    said = {}
    for code in languages():
        with in_language(code):
            said[code] = say()
    return said


def in_current(said: str | Mapping[str, str]) -> str:
    """Return a text that is given in some languages, by code, in the current one, else in English."""
    return said if isinstance(said, str) else said.get(current_language(), said[SOURCE])


@dataclass(frozen=True)
class Heard:
    """The texts that were made inside of a context, each with what makes it again."""

    texts: dict[str, tuple[Callable[[], str], dict[str, object]]]

    def again(self, text: str) -> str:
        """Return a text in the current language: itself where it was not made of a message, as a name is."""
        if text not in self.texts:
            return text
        message, values = self.texts[text]
        parts = {
            name: self.again(part) if isinstance(part, str) and part != text else part for name, part in values.items()
        }
        return _filled(message(), parts)


@contextmanager
def listening() -> Iterator[Heard]:
    """Keep the texts that are made inside of this context, so that they can be said in another language."""
    heard = Heard({})
    token = _heard.set(heard.texts)
    try:
        yield heard
    finally:
        _heard.reset(token)


@cache
def _read(code: str) -> Language:
    if code not in languages():
        raise InputError(
            "there is no language {code!r}: choose one of {languages}", code=code, languages=", ".join(languages())
        )
    return _ENGLISH if code == SOURCE else Language(code, translation(DOMAIN, LOCALES, [code]))


def _(message: str, /, **values: object) -> str:
    """Return a message in the current language, with values in its named places."""
    return _said(lambda: _current.get().catalogue.gettext(message), values)


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """Return the message that suits a number, with values in its named places."""
    return _said(lambda: _current.get().catalogue.ngettext(one, many, number), values)


def pgettext(context: str, message: str, /, **values: object) -> str:
    """Return a message whose English alone does not say what it is for, with values in its named places."""
    return _said(lambda: _current.get().catalogue.pgettext(context, message), values)


def listed(names: Sequence[str]) -> str:
    """Return names as an enumeration: `a, b and c`."""
    *first, last = names
    if not first:
        return last
    return pgettext("enumeration", "{names} and {last}", names=in_a_row(first), last=last)


def in_a_row(names: Sequence[str]) -> str:
    """Return names one after the other: `a, b, c`."""
    return pgettext("enumeration", ", ").join(names)


def shortened(names: Sequence[str], most: int) -> str:
    """Return the first names, and how many more there are."""
    return with_more(names[:most], len(names))


def with_more(names: Sequence[str], total: int) -> str:
    """Return names that are the first of so many, and how many more there are."""
    more, first = total - len(names), in_a_row(names)
    if more <= 0:
        return first
    return ngettext("{names} and {n} more", "{names} and {n} more", more, names=first, n=more)


def paragraph(sentences: Sequence[str]) -> str:
    """Return sentences one after the other, "" where there is none."""
    said = ""
    for sentence in sentences:
        said = pgettext("two sentences", "{first} {second}", first=said, second=sentence) if said else sentence
    return said


def in_one_sentence(clauses: Sequence[str]) -> str:
    """Return clauses, each of which could be a sentence, as one sentence."""
    return _("{clauses}.", clauses=pgettext("between two clauses", "; ").join(clauses))


def said_of(about: str, text: str) -> str:
    """Return what is said of a model, or of other people, after its name."""
    return _("{about}: {text}", about=about, text=text)


def capital(text: str) -> str:
    """Return a term with a capital first letter, as it stands in a heading."""
    return text[:1].upper() + text[1:]


def _said(message: Callable[[], str], values: dict[str, object]) -> str:
    text = _filled(message(), values)
    if (heard := _heard.get()) is not None:
        heard[text] = message, values
    return text


def _filled(message: str, values: dict[str, object]) -> str:
    return filled(message, values) if values else message
