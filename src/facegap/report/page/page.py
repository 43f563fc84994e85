"""The page: one HTML file that holds its style, script, charts, font and pictures, and loads nothing."""

import json
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from facegap.data.evaluation import Evaluation
from facegap.report.charts.drawing import embedded_json, fit, packed, page_spec, script
from facegap.report.charts.figures import Figures
from facegap.report.charts.fonts import embedded_font, needed_glyphs
from facegap.report.page.compiled_templates import CompiledTemplates
from facegap.report.page.explorer import explored, explorer
from facegap.report.page.faces import Shown, shown_faces
from facegap.report.tables import differential_tables, subject_tables, tables, why_tables
from facegap.report.tables.difference_tables import comparisons
from facegap.report.tables.held_rates import HeldModel
from facegap.report.tables.limits import limit_tables, unseen_sentence
from facegap.report.tables.state_tables import decision_cards
from facegap.report.text import language
from facegap.report.text.decisions import limits_text, states_text
from facegap.report.text.failures import detail_text
from facegap.report.text.finding_kinds import finding_kind
from facegap.report.text.findings import shown_findings
from facegap.report.text.formatting import count, doubt_text, level_text
from facegap.report.text.glossary import glossary
from facegap.report.text.inputs import source_text
from facegap.report.text.names import names_of, outcome_name
from facegap.report.text.notices import notice_text
from facegap.report.text.shown_differences import has_intervals, level_of
from facegap.report.text.summary import image_sets, set_words
from facegap.report.text.verdict import verdicts
from facegap.report.text.why import why_sentences
from facegap.run.visible import shown

FONTS = '"facegap Japanese", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif'
"""The embedded font holds no Latin. It stands first because Chromium does not redraw text that was laid out before a
last-resort font arrived."""

FIGURES_OPEN = 12
"""Up to so many figures or rows a block is open at first; beyond it only the first model's is."""

_COMPILED = CompiledTemplates()

_FACE = re.compile(r'src="(data:image/[^"]*)"')


def render(evaluation: Evaluation, figures: Figures, shown: Shown, faces: dict[str, str | None] | None) -> str:
    """Return the page. `faces` maps paths to data URIs; None leaves every picture out.

    It stands there in the current language; the other languages are packed, and made when a reader asks for them.
    """
    charts = _charts(figures)
    held = explored(evaluation)
    body, context = _body(evaluation, held, figures, shown, faces)
    names, others = {language.current_language(): language.language_name()}, {}
    for code in language.other_languages():
        with language.in_language(code):
            names[code] = language.language_name()
            other, _context = _body(evaluation, held, figures.in_language(code), shown_faces(evaluation), faces)
            others[code] = packed(_other(body, other, charts))
    page = (
        environment(names_of(evaluation))
        .get_template("page.html.j2")
        .render(
            evaluation=evaluation,
            fonts=Markup(FONTS),
            body=Markup(body),
            explorer=context["explorer"],
            embedded_json=context["embedded_json"],
            charts=packed(charts),
            vega=packed(script()),
            languages=dict(sorted(names.items())),
            others=others,
        )
    )
    return with_font(page, charts)


def _other(first: str, body: str, charts: str) -> str:
    """Return the page in another language as it is kept: with the glyphs that only it needs, and no face again."""
    faces = {uri: f"face:{k}" for k, uri in enumerate(dict.fromkeys(_FACE.findall(first)))}
    kept = _FACE.sub(lambda found: f'src="{faces[found[1]]}"', body)
    if needed_glyphs(kept) <= needed_glyphs(first + charts):
        return kept
    return f"<style>\n{font_face(kept + charts)}</style>\n{kept}"


def _body(
    evaluation: Evaluation,
    held: dict[str, HeldModel],
    figures: Figures,
    shown: Shown,
    faces: dict[str, str | None] | None,
) -> tuple[str, dict[str, Any]]:
    """Return what is read of the page, in the current language, and what it was made of."""
    level, compared = level_text(level_of(evaluation)), comparisons(evaluation)
    made = explorer(evaluation, held)
    context = {
        "evaluation": evaluation,
        "notice": notice_text(evaluation),
        "extent": _extent(evaluation),
        "verdicts": verdicts(evaluation),
        "findings": shown_findings(evaluation),
        "finding_kind": finding_kind,
        "sure": has_intervals(evaluation),
        "level": level,
        "cards": decision_cards(evaluation),
        "limits_said": limits_text(evaluation.limits),
        "states_said": states_text(level),
        "doubt": doubt_text(level_of(evaluation)),
        "comparisons": compared,
        "between_models": [one for one in compared if one.kind == "models"],
        "between_cohorts": [one for one in compared if one.kind != "models"],
        "limits": limit_tables(evaluation),
        "unseen": unseen_sentence(evaluation),
        "tables": tables,
        "differential_tables": differential_tables,
        "subject_tables": subject_tables,
        "why_tables": why_tables,
        "why_sentences": why_sentences(evaluation),
        "figures": figures,
        "set_words": set_words,
        "image_sets": image_sets(evaluation),
        "outcome_name": outcome_name,
        "detail_text": detail_text,
        "source_text": source_text,
        "shown": shown,
        "faces": faces,
        "glossary": glossary(set(evaluation.metrics["metric"])),
        "all_open": len(figures["sweeps"]) <= FIGURES_OPEN,
        "few_rows": FIGURES_OPEN,
        "explorer": made,
        "embedded_json": lambda value: Markup(embedded_json(value)),
        "words": {**_script_words(figures), **(made["words"] if made else {})},
    }
    return environment(names_of(evaluation)).get_template("body.html.j2").render(context), context


def _script_words(figures: Figures) -> dict[str, Any]:
    """Return the texts of the page's scripts; `charts`: the texts of charts by those that they hold."""
    return {
        "all": language._("all"),
        "shown": language._("{shown} of {all} rows", shown="{shown}", all="{all}"),
        "undrawn": language._("This chart could not be drawn; see the folder charts."),
        "language": language._("Language"),
        "charts": fit(dict(figures.words.get(language.current_language(), {}))),
    }


def with_font(page: str, packed: str = "") -> str:
    """Return a page with a font of all its Japanese text, so that none is drawn in two fonts or as boxes.

    `packed`: text that the page holds in another form.
    """
    before, style, after = page.partition("<style>\n")
    return f"{before}{style}{font_face(page + packed)}{after}"


def font_face(text: str) -> str:
    """Return the style that brings a font of all Japanese text in `text`, "" where there is none."""
    font = embedded_font(text)
    if font is None:
        return ""
    face = f'font-family: "facegap Japanese"; src: url({font}) format("opentype"); unicode-range: U+2E80-10FFFF;'
    return f"@font-face {{ {face} }}\n"


def environment(short: Mapping[str, str]) -> Environment:
    """Return what renders the pages; `short`: the long names of models and cohorts, shortened."""
    made = Environment(
        loader=PackageLoader("facegap", "report/page"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: shown(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )
    made.globals.update(_=_message, ngettext=_counted, language=language.current_language())
    made.filters["count"] = count
    made.filters["capital"] = language.capital
    made.filters["short"] = lambda name: shown(short.get(name, name))
    return made


def _message(message: str, /, **values: object) -> Markup:
    """Return a message of a template: it may hold elements of HTML, the values in its places are text."""
    return Markup(language._(message)).format(**_fit(values))


def _counted(one: str, many: str, number: int, /, **values: object) -> Markup:
    return Markup(language.ngettext(one, many, number)).format(**_fit(values))


def _fit(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a message as texts, counts with their thousands separated; markup was made so before."""
    return {
        name: shown(value) if type(value) is str else count(value) if type(value) is int else value
        for name, value in values.items()
    }


def _extent(evaluation: Evaluation) -> str:
    """Return how much was evaluated."""
    every, cohorts = evaluation.cohorts.rows(named=True)[-1], evaluation.cohorts.height - 1
    models = evaluation.models.height
    counts = {"models": models, "images": every["images"], "subjects": every["subjects"], "cohorts": cohorts}
    if cohorts:
        return language.ngettext(
            "{models} model, {images} images of {subjects} subjects in {cohorts} cohorts",
            "{models} models, {images} images of {subjects} subjects in {cohorts} cohorts",
            models,
            **counts,
        )
    return language.ngettext(
        "{models} model, {images} images of {subjects} subjects",
        "{models} models, {images} images of {subjects} subjects",
        models,
        **counts,
    )


def _charts(figures: Figures) -> str:
    """Return the charts for the page's script, as JSON: `figures` by stem and view, and the `data` they share."""
    specs: dict[str, dict[str, Any]] = {}
    shared: dict[str, str] = {}
    for figure in figures.every:
        for view, chart in figure.views.items():
            spec, rows = page_spec(chart, FONTS)
            specs.setdefault(figure.stem, {})[view] = spec
            shared.update({name: name.text for name in rows})
    data = ",".join(f'"{name}":{text}' for name, text in sorted(shared.items()))
    return f'{{"figures":{json.dumps(specs, ensure_ascii=False, sort_keys=True)},"data":{{{data}}}}}'
