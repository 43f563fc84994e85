"""Tables whose cells no spreadsheet takes for a formula."""

import polars as pl

_FORMULA = "^[=+\\-@\t\r\n＝＋－＠]"
"""How a cell begins that a spreadsheet may run (OWASP, CSV Injection)."""


def spreadsheet_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table to be written as CSV: an apostrophe before each text that begins as a formula does.

    Spreadsheets show such a cell as text, without the apostrophe. Numbers stay as they are.
    """
    text = pl.selectors.string()
    return frame.with_columns(pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).name.keep())
