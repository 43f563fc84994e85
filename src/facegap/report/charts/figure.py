"""One figure of the page."""

from dataclasses import dataclass, field

from facegap.report.charts.charts import Chart


@dataclass(frozen=True)
class Figure:
    """One figure: `stem` names its files; `views` holds its charts by kind (`linear`, `log`, `det`), or one under "".

    `model` and `cohort` say what it shows, "" where it shows all of them. `caption` is the title without what the
    place on the page says already. `file_views`: charts that are drawn as files alone. `still`: SVG that
    stands on the page until a script draws the chart, "" where nothing does.
    """

    stem: str
    title: str
    caption: str
    views: dict[str, Chart]
    model: str = ""
    cohort: str = ""
    still: str = ""
    file_views: dict[str, Chart] = field(default_factory=dict)

    @property
    def drawn(self) -> dict[str, Chart]:
        """All charts that are drawn as files."""
        return {**self.views, **self.file_views}
