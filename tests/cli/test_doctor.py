"""`facegap doctor`: what is installed, and what is not, in the language that was asked for."""

import importlib.util

import pytest


@pytest.mark.parametrize(
    ("language", "said"), [("en", "torch is not installed: pip"), ("ja", "torch がインストールされていません: pip")]
)
def test_what_is_not_installed_is_said_in_the_language(language: str, said: str, run, monkeypatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else found(name))
    code, out, _ = run("doctor", "--lang", language)
    assert code == 0
    assert said in " ".join(out.split())
