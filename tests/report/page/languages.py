"""The languages of a page that is open."""

from typing import Any


def change(page: Any, language: str) -> None:
    """Press the switch of a language, and wait until the page is in it."""
    page.locator(f".languages [lang={language}]").press("Enter")
    page.wait_for_function(f"document.documentElement.lang === '{language}'")
