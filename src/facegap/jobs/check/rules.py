"""The language of rules, read into what they ask: `auc[young] >= 0.97`, `better(new, old, auc)`.

    rule     = limit | claim
    limit    = quantity ("<=" | ">=") number
    quantity = metric ["@" at] ["[" cohort ["," model] "]"]
             | differential ["@" at] ["[" model "]"]
             | metric "_gap" ["@" at] "(" cohort " - " cohort ")" ["[" model "]"]
             | metric "_ratio" ["@" at] "(" cohort "/" cohort ")" ["[" model "]"]
    claim    = ("not_worse" | "equivalent") "(" new "," old "," metric ["@" at] "," margin ")" ["[" cohorts "]"]
             | "better" "(" new "," old "," metric ["@" at] ")" ["[" cohorts "]"]

Names are any text. One that holds a mark which would end it (`,`, `]`, `)`, `/`, ` - `) stands in quotation marks,
in which `""` is one such mark.
"""

import re
import unicodedata
from dataclasses import dataclass
from math import isfinite
from typing import Literal, cast

from facegap.errors import InputError, Phrase
from facegap.run.text import either

Scale = Literal["difference", "ratio"]
Sign = Literal["<=", ">="]
ClaimKind = Literal["not_worse", "equivalent", "better"]

_CLAIMS: dict[str, str] = {
    "not_worse": "not_worse(NEW, OLD, METRIC@AT, MARGIN)",
    "equivalent": "equivalent(NEW, OLD, METRIC@AT, MARGIN)",
    "better": "better(NEW, OLD, METRIC@AT)",
}
_PAIRS: dict[str, tuple[Scale, str, str]] = {
    "gap": ("difference", " - ", "(A - B)"),
    "ratio": ("ratio", "/", "(A/B)"),
}
"""What a word with this ending compares cohorts by, what stands between them, and how it is written."""


@dataclass(frozen=True)
class Quantity:
    """One number of an evaluation: a metric or a differential. `names` stand in its brackets."""

    word: str
    at: str | None
    names: tuple[str, ...]


@dataclass(frozen=True)
class Contrast:
    """How far cohort a lies from cohort b: a − b, or a / b where `scale` is `ratio`. `names` stand in its brackets."""

    metric: str
    at: str | None
    scale: Scale
    cohorts: tuple[str, str]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Limit:
    """A quantity that must not pass a limit."""

    quantity: Quantity | Contrast
    sign: Sign
    limit: float


@dataclass(frozen=True)
class ModelClaim:
    """A new model against an old one, in each of `cohorts`, or in every cohort where none is named."""

    kind: ClaimKind
    new: str
    old: str
    metric: str
    at: str | None
    margin: float
    cohorts: tuple[str, ...]


def parse(text: str) -> Limit | ModelClaim:
    """Read one rule.

    Raises:
        InputError: it is none; the message says what was expected where.
    """
    reader = _Reader(unicodedata.normalize("NFC", text))
    word = spelled(reader.upto("@", "(", "[", "<", ">", "="))
    if not word:
        raise InputError("it starts with no metric: write e.g. auc[COHORT] >= 0.97")
    return _claim(reader, word) if word in _CLAIMS else _limit(reader, word)


def spelled(name: str) -> str:
    """Return the name of a metric or a differential as rules write it: `fmr max/min` is `fmr_max_min`."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def point(at: str) -> str:
    """Return an operating point with its numbers written one way: `fmr=1e-3` is `fmr=0.001`."""
    return re.sub(r"\s*=\s*(\d*\.?\d+(?:[eE][+-]?\d+)?)", lambda found: f"={float(found[1]):g}", at)


def _limit(reader: "_Reader", word: str) -> Limit:
    at = point(reader.name("(", "[", "<", ">")) if reader.take("@") else None
    stem, _, ending = word.rpartition("_")
    if stem and ending in _PAIRS:
        scale, between, form = _PAIRS[ending]
        reader.form = f"{word}{form}"
        reader.expect("(")
        first = reader.name(between, ")")
        reader.expect(between)
        second = reader.name(between, ")")
        reader.expect(")")
        quantity = Contrast(stem, at, scale, (first, second), reader.bracketed())
    elif reader.take("("):
        known = ", ".join((*_CLAIMS, "METRIC_gap", "METRIC_ratio"))
        raise InputError(
            "{word!r} takes no parentheses: {known} do; a cohort stands in brackets, {word}[COHORT]",
            word=word,
            known=known,
        )
    else:
        quantity = Quantity(word, at, reader.bracketed())
    reader.form = Phrase("<= or >= and a number")
    sign = reader.one_of("<=", ">=")
    limit = reader.number()
    reader.end()
    return Limit(quantity, cast("Sign", sign), limit)


def _claim(reader: "_Reader", word: str) -> ModelClaim:
    reader.form = _CLAIMS[word]
    reader.expect("(")
    new = reader.name(",", ")")
    reader.expect(",")
    old = reader.name(",", ")")
    reader.expect(",")
    metric = spelled(reader.name("@", ",", ")"))
    at = point(reader.name(",", ")")) if reader.take("@") else None
    margin = 0.0
    if word != "better":
        reader.expect(",")
        margin = reader.number(")")
        if margin < 0:
            raise InputError(
                "the margin {margin:g} is negative: say how much worse is still good enough, e.g. 0.01", margin=margin
            )
    reader.expect(")")
    cohorts = reader.bracketed()
    reader.end()
    return ModelClaim(cast("ClaimKind", word), new, old, metric, at, margin, cohorts)


class _Reader:
    """Reads a rule from left to right. `form`: how what is being read should look, for messages."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self.form: str = ""

    def upto(self, *stops: str) -> str:
        """Return the text before the first of `stops` that is not quoted, without quotation marks."""
        stop = "|".join(map(re.escape, stops)) or "$"
        found = re.compile(rf'(?:"(?:[^"]|"")*"|(?!{stop})[^"])*').match(self._text, self._at)
        assert found is not None, "it matches nothing at all where there is nothing"
        self._at = found.end()
        if self._rest.startswith('"'):
            raise InputError(
                'a quotation mark is not closed: {rest}; inside of quotation marks one is ""', rest=self._rest
            )
        return re.sub(r'"((?:[^"]|"")*)"', lambda quoted: quoted[1].replace('""', '"'), found[0].strip())

    def name(self, *stops: str) -> str:
        """Return a name, which may not be empty."""
        found = self.upto(*stops)
        if not found:
            raise self._unexpected(Phrase("a name"))
        return found

    def number(self, *stops: str) -> float:
        """Return a finite number."""
        text = self.upto(*stops)
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not isfinite(number):
            raise InputError("{text!r} is no number: write e.g. 0.97, or 0.001 for 0.1 %", text=text)
        return number

    def bracketed(self) -> tuple[str, ...]:
        """Return the names in brackets, if there are any."""
        if not self.take("["):
            return ()
        self.form = Phrase("[COHORT], [MODEL] or [COHORT, MODEL]")
        names = [self.name(",", "]")]
        while self.take(","):
            names.append(self.name(",", "]"))
        self.expect("]")
        return tuple(names)

    def take(self, mark: str) -> bool:
        """Pass a mark, and return whether it was there."""
        rest = self._rest if mark.startswith(" ") else self._rest.lstrip()
        if rest.startswith(mark):
            self._at = len(self._text) - len(rest) + len(mark)
            return True
        return False

    def expect(self, mark: str) -> None:
        """Pass a mark that must be there."""
        if not self.take(mark):
            raise self._unexpected(repr(mark))

    def one_of(self, *marks: str) -> str:
        """Pass one of several marks and return it."""
        for mark in marks:
            if self.take(mark):
                return mark
        raise self._unexpected(either(map(repr, marks)))

    def end(self) -> None:
        """Make sure that nothing is left."""
        if self._rest.strip():
            raise self._unexpected(Phrase("the end"))

    def _unexpected(self, wanted: str) -> InputError:
        rest = self._rest.strip()
        found = Phrase("{rest!r} was found", rest=rest) if rest else Phrase("the rule ends")
        if not self.form:
            return InputError("{found} where {wanted} was expected", found=found, wanted=wanted)
        return InputError(
            "{found} where {wanted} was expected: write {form}", found=found, wanted=wanted, form=self.form
        )

    @property
    def _rest(self) -> str:
        return self._text[self._at :]
