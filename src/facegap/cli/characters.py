"""Characters of facegap's own that a console's encoding may lack, and what is written for them there."""

import codecs

ERRORS = "facegap.plain"
"""The name of the way that `register` adds, as `errors=` of a text stream takes it."""

PLAIN = {
    "−": "-",
    "–": "-",
    "·": ".",
    "×": "x",
    "±": "+-",
    "°": " deg",
    "′": "'",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "↑": "^",
}
LINES = range(0x2500, 0x2580)
"""The characters that draw boxes."""
BARS = {"─": "-", "━": "-", "═": "-", "╌": "-", "│": "|", "┃": "|", "║": "|"}


def register() -> None:
    """Let text streams write what they lack as other characters, one by one: `errors=ERRORS`."""
    codecs.register_error(ERRORS, _replace)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(character: str) -> str:
    """Return ASCII for a character; one that is not facegap's own, as in a name, is escaped: names still differ."""
    if ord(character) in LINES:
        return BARS.get(character, "+")
    return PLAIN.get(character) or character.encode("ascii", "backslashreplace").decode()
