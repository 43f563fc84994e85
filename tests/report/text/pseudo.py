"""A pseudo-language: every piece of text that a catalogue may translate stands in brackets, and values do not."""

import re
from gettext import NullTranslations
from string import Formatter

from facegap.report.text.language import Language


class Bracketed(NullTranslations):
    """Returns each message with its words in brackets, and what it holds for values as it is."""

    def gettext(self, message: str) -> str:
        return bracketed(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return bracketed(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return bracketed(message)


PSEUDO = Language("en-XA", Bracketed())


def bracketed(message: str) -> str:
    """Return a message with its words in brackets: `⟦at FMR ⟧{fmr}`."""
    parts = []
    for words, place, _form, _conversion in Formatter().parse(message):
        parts.append(f"⟦{words}⟧" if re.search(r"\w", words) else words)
        parts.append("" if place is None else f"{{{place}}}")
    return "".join(parts)


def unbracketed(text: str, *known: str) -> set[str]:
    """Return the words of a text that no catalogue can translate; names and codes that are `known` are none."""
    left = re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
    for name in sorted(filter(None, known), key=len, reverse=True):
        left = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", left)
    return set(re.findall(r"[^\W\d_]{2,}", left))
