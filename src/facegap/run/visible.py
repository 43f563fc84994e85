r"""Names of people, cohorts, models and files are data: what makes any text fit to be shown.

A terminal obeys control characters, XML and the chart library refuse them, and marks of direction make a text read as
another. All of these are shown as escapes, `\x1b`, so that two names that differ still look different.
"""

import re

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters but tab and line feed, separators of lines, marks that turn the direction of what follows, halves
of characters, and what XML cannot hold; not the marks that Persian or Hebrew names need (U+200C to U+200F)."""


def shown(text: str) -> str:
    r"""Return a text fit for a terminal, a page, a chart and XML: tabs and line feeds stay, other marks are escaped.

    >>> shown("a\x1b[2J")
    'a\\x1b[2J'
    """
    return _UNFIT.sub(lambda found: _escape(found[0]), text)


def in_one_line(text: str) -> str:
    """Return a text as `shown` does, in one line: no name in it can look like a line of facegap's own."""
    return re.sub("[\t\n]", lambda found: _escape(found[0]), shown(text))


def is_unicode(text: str) -> bool:
    """Return whether a text is whole characters; Python keeps bytes of file names and options that are none in it."""
    return not re.search("[\ud800-\udfff]", text)


def _escape(mark: str) -> str:
    number = ord(mark)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
