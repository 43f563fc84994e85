"""The rows that charts draw: apart from the charts, since Altair copies and checks whatever is inside one."""

import hashlib
import json
from typing import Any

import polars as pl

from facegap.run.visible import shown


class Rows(str):
    """The name that a chart calls its rows by: the same rows have the same name.

    `frame`: the rows; texts in it are fit to be shown. `text`: the same as JSON, a list for each column, which packs
    into half of what a list of rows does.
    """

    frame: pl.DataFrame
    text: str

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "Rows":
        """Name the rows of a frame."""
        texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
        fit = frame.with_columns(_shown(frame[name]) for name in texts)
        text = json.dumps(fit.fill_nan(None).to_dict(as_series=False), ensure_ascii=False, separators=(",", ":"))
        name = cls(f"rows-{hashlib.sha256(text.encode()).hexdigest()[:32]}")
        name.frame, name.text = fit, text
        return name


def _shown(texts: pl.Series) -> pl.Series:
    fit = {text: text if text is None else shown(text) for text in texts.unique().to_list()}
    if all(text == same for text, same in fit.items()):
        return texts
    return pl.Series(texts.name, [fit[text] for text in texts], pl.String)


def rows_in(spec: dict[str, Any]) -> list[Rows]:
    """Return the rows that a layered chart draws, from its specification."""
    data = (part["data"]["name"] for part in [spec, *spec["layer"]] if "data" in part)
    return [name for name in data if isinstance(name, Rows)]
