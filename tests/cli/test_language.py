"""In which language a command says what it found: `--lang`, else FACEGAP_LANG, else the language of the system."""

from pathlib import Path

import numpy as np
import pytest

from facegap.datasets.discover import FILE_LAYOUTS
from facegap.report.text.language import current_language, in_language, preferred
from jobs.check.made import evaluation, metric
from report.text.pseudo import PSEUDO, unbracketed
from running import Run

ENGLISH, JAPANESE = "1 rule: 1 holds", "規則 1 件: 合格 1 件"


@pytest.fixture(autouse=True)
def _asks_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FACEGAP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def rule(tmp_path: Path) -> list[str]:
    """Return the command that judges one rule, which holds."""
    (tmp_path / "evaluation.json").write_bytes(evaluation([metric("auc", 0.95, 0.9, 0.98)]).to_json())
    return ["check", str(tmp_path), "--rule", "auc[general] >= 0.8"]


@pytest.mark.parametrize("given", [["--lang", "ja"], ["--lang=ja"]])
def test_lang_may_stand_anywhere(given: list[str], rule: list[str], run: Run) -> None:
    for arguments in ([*given, *rule], [*rule, *given], [*rule[:2], *given, *rule[2:]]):
        code, said, complaint = run(*arguments)
        assert (code, complaint) == (0, "")
        assert JAPANESE in said
    assert current_language() == "en"


def test_the_option_is_stronger_than_the_environment(
    rule: list[str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ENGLISH in run(*rule)[1]
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert JAPANESE in run(*rule)[1]
    assert ENGLISH in run(*rule, "--lang", "en")[1]
    monkeypatch.setenv("FACEGAP_LANG", "en")
    assert ENGLISH in run(*rule)[1]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, None),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "ja_JP.eucJP@modifier"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C.UTF-8"}, None),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8", "LC_ALL": ""}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "FACEGAP_LANG": "en"}, "en"),
        ({"LANG": "de_DE.UTF-8", "FACEGAP_LANG": ""}, None),
    ],
)
def test_the_language_of_the_system(environment: dict[str, str], language: str | None) -> None:
    assert preferred(environment) == language


def test_a_language_that_there_is_not_is_refused(rule: list[str], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(*rule, "--lang", "xx") == (2, "", "facegap: there is no language 'xx': choose one of en, ja\n")
    monkeypatch.setenv("FACEGAP_LANG", "yy")
    assert run(*rule)[2] == "facegap: there is no language 'yy': choose one of en, ja\n"


def test_lang_without_a_language_is_refused(rule: list[str], run: Run) -> None:
    code, said, complaint = run(*rule, "--lang")
    assert (code, said) == (2, "")
    assert "Option '--lang' requires an argument" in complaint


def test_a_page_is_in_the_language(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    vectors = np.repeat(rng.normal(size=(8, 8)), 2, axis=0) + 0.3 * rng.normal(size=(16, 8))
    people, page = tmp_path / "people.npz", tmp_path / "people.html"
    np.savez(people, embedding=vectors.astype(np.float32), subject=[f"s{i // 2}" for i in range(16)])
    code, said, _complaint = run("lookalikes", people, "--out", page, "--workers", "1", "--lang", "ja")
    assert code == 0, said
    written = page.read_text(encoding="utf-8")
    assert '<html lang="ja">' in written
    assert "people のよく似た人" in written
    assert written.count("@font-face") == 1
    code, said, _complaint = run("lookalikes", people, "--out", page, "--workers", "1")
    assert '<html lang="en">' in page.read_text(encoding="utf-8")
    assert "@font-face" not in page.read_text(encoding="utf-8")


WRONG = [
    (["evaluate", "absent"], "'absent' は存在しません", ["NAME", "PATH"]),
    (["evaluate", "people.npz", "--model", "dlib"], "保存済みの埋め込みにモデルは要りません", []),
    (["evaluate", "people.npz", "--layout", "folders"], "'folders' はフォルダー用です", FILE_LAYOUTS),
    (["evaluate", "empty"], "empty に画像がありません", []),
    (["check", ".", "--rule", "auc[x"], "規則がここで終わっています", []),
    (["check", ".", "--rule", "better(a, b, auc)"], "評価したモデルは 1 つです", ["better", "new"]),
    (["check", ".", "--rule", "xyz >= 1"], "'xyz' という名前のものはありません", ["auc", "xyz"]),
    (["export", "clib", "-o", "x.onnx"], "'clib' は書き出せません", ["WEIGHTS.dat"]),
    (["plan", "people.npz"], "知りたいことが指定されていません", ["fmr", "gap"]),
    (["store", "absent"], "absent というストアはありません", []),
    (["store", ".", "--list", "--prune"], "同時に指定できません", []),
]
"""Commands, what their errors say in Japanese, and the names in these."""


@pytest.mark.parametrize(("arguments", "says", "names"), WRONG)
def test_errors_are_in_the_language(
    arguments: list[str],
    says: str,
    names: list[str],
    rule: list[str],
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    np.savez(tmp_path / "people.npz", embedding=np.eye(4, dtype=np.float32), subject=list("aabb"))
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    english = run(*arguments)
    code, _said, complaint = run(*arguments, "--lang", "ja")
    assert code == english[0] == 2
    assert says in complaint
    assert complaint.startswith("facegap: ")
    assert complaint.count("\n") == english[2].count("\n") == 1
    assert complaint != english[2]
    with in_language(PSEUDO):
        assert unbracketed(run(*arguments)[2], "facegap", "dlib", *names, *arguments[1:]) == set()


def test_a_failure_of_the_system_and_an_interrupt_are_in_the_language(
    rule: list[str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(error: BaseException) -> None:
        def read(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr("facegap.data.report_files.read_report", read)

    fail(OSError(28, "No space left on device", "x.npz"))
    assert run(*rule, "--lang", "ja") == (
        2, "", "facegap: x.npz を使えません（ディスクに空きがありません）。このファイルとディスクを確認してください\n"
    )  # fmt: skip
    fail(KeyboardInterrupt())
    assert run(*rule, "--lang", "ja") == (130, "", "facegap: 中断しました\n")
