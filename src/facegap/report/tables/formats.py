"""A table as LaTeX, Markdown, CSV or HTML."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from html import escape

from facegap.report.tables.published import Published

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "≤": r"$\leq$",
    "×": r"$\times$",
    "–": "--",
    "<": "$<$",
    ">": "$>$",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}
"""What stands in LaTeX for marks that mean something there, or that old fonts lack."""


def latex(table: Published) -> str:
    """Return a `tabular` with the rules of the package booktabs. Lines of one model stand together.

    Names in scripts other than Latin need LuaLaTeX or XeLaTeX with a font that has them.
    """
    columns = "l" * table.named + "r" * (len(table.titles) - table.named)
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", _latex_line(table.titles), r"\midrule"]
    before = None
    for line in table.lines:
        if before is not None and line[0] != before:
            lines.append(r"\addlinespace")
        lines.append(_latex_line((line[0] if line[0] != before else "", *line[1:])))
        before = line[0]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def markdown(table: Published) -> str:
    """Return a table as GitHub and Pandoc read it."""
    aligned = ["---"] * table.named + ["---:"] * (len(table.titles) - table.named)
    lines = [_markdown_line(table.titles), f"| {' | '.join(aligned)} |", *map(_markdown_line, table.lines)]
    return "\n".join([*lines, ""])


def as_csv(table: Published) -> str:
    """Return the numbers themselves, with a column for each bound; what is unknown is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table.rows[0]) if table.rows else ["model", "cohort"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(table.rows)
    return text.getvalue()


def html(table: Published) -> str:
    """Return a `table` element without styles."""
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in table.titles)
    lines = ["<table>", f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    for line in table.lines:
        names = "".join(f'<th scope="row">{escape(name)}</th>' for name in line[: table.named])
        lines.append(f"<tr>{names}{''.join(f'<td>{escape(text)}</td>' for text in line[table.named :])}</tr>")
    return "\n".join([*lines, "</tbody>", "</table>", ""])


FORMATS: dict[str, Callable[[Published], str]] = {"latex": latex, "markdown": markdown, "csv": as_csv, "html": html}
"""By the names that `--format` takes."""


def _latex_line(texts: Sequence[str]) -> str:
    return f"{' & '.join(map(latex_text, texts))} \\\\"


def latex_text(text: str) -> str:
    """Return a text as LaTeX shows it, in one line."""
    return "".join(_LATEX.get(mark, mark) for mark in " ".join(text.split()))


def _markdown_line(texts: Sequence[str]) -> str:
    shown = (re.sub(r"([\\|`*_<>\[\]])", r"\\\1", " ".join(text.split())) for text in texts)
    return f"| {' | '.join(shown)} |"
