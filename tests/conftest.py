"""Fixtures shared by all tests."""

import gc
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from children import python_path
from facegap.run.executor import available_workers
from running import Run

hypothesis.settings.register_profile("any machine", deadline=None)  # no test asserts a time
hypothesis.settings.load_profile("any machine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes test: one more than processors, since tests wait for processes that they start."""
    return available_workers() + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected, and never again among what was imported for them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests out of the user's cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEGAP_STORE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _same_checkout_in_children() -> Iterator[None]:
    """Let every process that a test starts run the facegap that is tested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", python_path())
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_language() -> Iterator[None]:
    """Let the tests read English wherever they run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FACEGAP_LANG", raising=False)
        for name in {"LC_ALL", "LC_MESSAGES", "LANG"} & set(os.environ):
            patch.setenv(name, "C.UTF-8")
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_ghostscript(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test starts `gs`, which Pillow would call for an image that is PostScript."""
    folder = tmp_path_factory.mktemp("gs")
    program, started = folder / "gs", folder / "started"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{started}"\nexit 1\n')
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder), prepend=os.pathsep)
        yield
    assert not started.exists(), f"gs was started: {started.read_text()}"


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Return the folder of real faces and models that lies beside a development checkout."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the real faces and models that lie beside a development checkout are absent")
    return folder


@pytest.fixture
def run(monkeypatch, capsys) -> Run:
    """Return a function that runs a command and returns its exit code and what it printed and complained of."""
    from facegap.cli.app import main

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["facegap", *map(str, arguments)])
        code: str | int | None = 0
        try:
            main()
        except SystemExit as left:
            code = left.code
        printed = capsys.readouterr()
        return int(code or 0), printed.out, printed.err

    return run
