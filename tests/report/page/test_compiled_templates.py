"""A template is compiled once for all environments, and each of them renders it with what is its own."""

import pytest
from jinja2 import DictLoader, Environment

from facegap.report.page.compiled_templates import CompiledTemplates
from facegap.report.page.page import environment


def test_no_page_but_the_first_compiles_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    environment({}).get_template("lookalikes.html.j2")
    monkeypatch.setattr(Environment, "compile", lambda *_: pytest.fail("compiled again"))
    environment({"a long name": "a name"}).get_template("lookalikes.html.j2")


def test_filters_and_names_are_those_of_each_environment() -> None:
    shared, said = CompiledTemplates(), []
    for word in ("one", "two"):
        made = Environment(loader=DictLoader({"page": "{{ name }} {{ text | own }}"}), bytecode_cache=shared)
        made.globals["name"] = word
        made.filters["own"] = lambda text, word=word: f"{text} of {word}"
        said.append(made.get_template("page").render(text="words"))
    assert said == ["one words of one", "two words of two"]


def test_a_template_that_changed_is_compiled_again() -> None:
    shared = CompiledTemplates()
    said = [
        Environment(loader=DictLoader({"page": text}), bytecode_cache=shared).get_template("page").render()
        for text in ("before", "after", "before")
    ]
    assert said == ["before", "after", "before"]
