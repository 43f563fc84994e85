"""From a code and what it names to a sentence."""

from collections.abc import Callable, Mapping
from typing import Any

from facegap.data.statement import Statement
from facegap.report.text.language import _

Values = Mapping[str, Any]
"""What a sentence gives, by name."""

Sentence = str | Callable[[Values], str]
"""A message whose places bear the names of the values, or what makes the sentence of them."""


def worded(said: Statement, sentences: Mapping[str, Sentence]) -> str:
    """Return the sentence of a statement.

    A code that has none is shown as it is, and so is one without its values: it comes from another version of facegap,
    from a plug-in, or from a file that is damaged.
    """
    sentence, values = sentences.get(said.code), said.values
    if sentence is None:
        return said.code
    try:
        return _(sentence, **values) if isinstance(sentence, str) else sentence(values)
    except (KeyError, IndexError, TypeError, ValueError):
        return said.code
