"""Tables of the terminal: no column is cut, and no interval is broken, however narrow the terminal is."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Column, Table
from rich.text import Text

from facegap.cli.console import HELD

NAME_ROOM, COLUMN_GAP = 10, 3
"""Columns that a name has at least before it folds, and that the rule between two columns takes."""


class Columns(Table):
    """A table whose columns share the width so that every interval stays on one line, and every number whole.

    Words of a column with `overflow="fold"` are cut where they have `NAME_ROOM`. Where the terminal is too narrow even
    so, each row is printed as lines of its own, each with the title of its column.
    """

    def __init__(self, *, show_header: bool = True) -> None:
        super().__init__(show_header=show_header, show_edge=False, pad_edge=False, header_style="bold")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table, or its rows as lines."""
        cells = [[_text(console, cell) for cell in (column.header, *column.cells)] for column in self.columns]
        room = options.max_width - COLUMN_GAP * (len(cells) - 1)
        for beside in (True, False):
            least = [_least(column, texts, beside=beside) for column, texts in zip(self.columns, cells, strict=True)]
            if sum(least) <= room:
                break
        else:
            yield from _as_lines(cells)
            return
        widths = [max(cell_len(line) for text in texts for line in text.plain.split("\n")) for texts in cells]
        for column, width in zip(self.columns, shared(widths, least, room), strict=True):
            column.width = width
        yield from super().__rich_console__(console, options)


def shared(wanted: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return the widths of columns: as wanted, but the widest are narrowed until all fit, none below its least."""
    widths = list(wanted)
    while sum(widths) > room:
        widest = max((k for k in range(len(widths)) if widths[k] > least[k]), key=lambda k: widths[k])
        widths[widest] -= 1
    return widths


def _text(console: Console, cell: object) -> Text:
    return cell if isinstance(cell, Text) else console.render_str(str(cell))


def _least(column: Column, texts: Sequence[Text], *, beside: bool) -> int:
    """Return the width below which a column would break what has to stay whole; `beside`: a number and its interval."""
    if column.no_wrap:
        return max(cell_len(text.plain) for text in texts)
    plain = [text.plain.replace(" [", f"{HELD}[") if beside and HELD in text.plain else text.plain for text in texts]
    words = [word for text in plain for word in text.split()]
    return max((_room(word, folds=column.overflow == "fold") for word in words), default=0)


def _room(word: str, *, folds: bool) -> int:
    return min(cell_len(word), NAME_ROOM) if folds and HELD not in word else cell_len(word)


def _as_lines(cells: Sequence[Sequence[Text]]) -> RenderResult:
    titles, *rows = zip(*cells, strict=True)
    for number, row in enumerate(rows):
        if number:
            yield Text()
        for title, text in zip(titles, row, strict=True):
            if text.plain:
                yield Text.assemble((f"{title.plain}: " if title.plain else "", "bold"), text)
