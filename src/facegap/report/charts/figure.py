"""One figure of the page."""

from dataclasses import dataclass

from facegap.report.charts.charts import Chart


@dataclass(frozen=True)
class Figure:
    """One figure: `stem` names its files; `views` holds its charts by kind (`linear`, `log`, `det`), or one under "".

    `model` and `cohort` say what it shows, "" where it shows all of them. `caption` is the title without what the
    place on the page says already.
    """

    stem: str
    title: str
    caption: str
    views: dict[str, Chart]
    model: str = ""
    cohort: str = ""
