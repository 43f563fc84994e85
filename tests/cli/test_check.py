"""`facegap check` as a pipeline uses it: the table, the file and the exit code."""

import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from facegap.cli.app import main
from jobs.check.made import difference, evaluation, metric, models

NAME = "[red]若年<b>"
RULES = [f"auc[general] >= {limit}" for limit in (0.8, 0.95, 0.99)]
HOLDS, UNSURE, FAILS = RULES

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch, capsys) -> Run:
    def run(*arguments: str | Path, width: int = 200) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["facegap", "check", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", str(width))
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture
def report(tmp_path) -> Path:
    made = evaluation(
        [metric("auc", 0.95, 0.9, 0.98), metric("auc", 0.5, 0.4, 0.6, cohort=NAME)],
        cohorts=("general", NAME),
        notice="Synthetic faces.",
    )
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "evaluation.json").write_bytes(made.to_json())
    made.to_parquet(folder / "evaluation.parquet")
    return folder


def test_all_rules_hold(run: Run, report: Path) -> None:
    code, printed, wrong = run(report, "--rule", HOLDS, "-r", f"auc[{NAME}] <= 0.6".replace("[red]", '"[red]"', 1))
    assert (code, wrong) == (0, "")
    assert "0.950 [0.900, 0.980]" in printed
    assert "the whole interval is 0.8 or more" in printed
    assert "2 rules: 2 holds; judged by the 95 % interval, not by the value." in printed
    assert NAME.removeprefix("[red]") in printed
    assert '"[red]"' in printed, "a name is data, not markup"
    assert printed.index("Synthetic faces.") < printed.index("0.950")


@pytest.mark.parametrize(
    ("rules", "options", "expected"),
    [
        ([HOLDS], [], 0),
        ([HOLDS, UNSURE], [], 1),
        ([HOLDS, UNSURE], ["--allow-undecided"], 0),
        ([HOLDS, FAILS], [], 1),
        ([FAILS, UNSURE, HOLDS], ["--allow-undecided"], 1),
    ],
)
def test_the_exit_code(run: Run, report: Path, rules: list[str], options: list[str], expected: int) -> None:
    code, printed, wrong = run(report, *options, *(part for rule in rules for part in ("--rule", rule)))
    assert (code, wrong) == (expected, "")
    for rule in rules:
        assert rule in printed


@pytest.mark.parametrize("name", [".", "evaluation.json", "evaluation.parquet"])
def test_a_report_is_its_folder_or_its_data(run: Run, report: Path, name: str) -> None:
    assert run(report / name, "-r", HOLDS)[0] == 0


def test_a_folder_with_the_parquet_file_alone_is_enough(run: Run, report: Path) -> None:
    (report / "evaluation.json").unlink()
    assert run(report, "-r", HOLDS)[0] == 0


def test_the_verdicts_as_junit(run: Run, report: Path, tmp_path: Path) -> None:
    file = tmp_path / "made" / "here" / "facegap.xml"
    rules = [part for rule in RULES for part in ("--rule", rule)]
    assert run(report, *rules, "--junit", file)[0] == 1
    (suite,) = ElementTree.parse(file).getroot()
    assert suite.get("name") == "facegap"
    assert [[child.tag for child in case] for case in suite.findall("testcase")] == [[], ["failure"], ["failure"]]
    assert "0.950 [0.900, 0.980]" in str(suite.findall(".//failure")[0].get("message"))
    said = {one.get("name"): one.get("value") for one in suite.findall(".//property")}
    assert said == {
        "evaluation": "made", "intervals": "influence", "level": "0.95", "notice": "Synthetic faces.",
    }  # fmt: skip
    assert run(report, *rules, "--junit", file, "--allow-undecided")[0] == 1
    (suite,) = ElementTree.parse(file).getroot()
    assert [[child.tag for child in case] for case in suite.findall("testcase")] == [[], ["skipped"], ["failure"]]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["report"], "no rule was given"),
        (["report", "-r", "auc[nobody] >= 1"], "no cohort 'nobody': there are general"),
        (["report", "-r", HOLDS, "-r", "auc"], "rule 'auc'"),
        (["missing", "-r", HOLDS], "missing cannot be read"),
        (["empty", "-r", HOLDS], "empty holds no evaluation.json"),
        (["text.json", "-r", HOLDS], "text.json: this is no facegap evaluation"),
        (["text.parquet", "-r", HOLDS], "text.parquet is no facegap evaluation"),
        (["report", "-r", HOLDS, "--junit", "text.json/x.xml"], "text.json/x.xml cannot be written"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run: Run, report: Path, monkeypatch, arguments, says) -> None:
    monkeypatch.chdir(report.parent)
    Path("empty").mkdir()
    for name in ("text.json", "text.parquet"):
        Path(name).write_text("[1]")
    code, printed, wrong = run(*arguments)
    assert (code, printed) == (2, "")
    assert says in wrong
    assert len(wrong.strip().splitlines()) == 1


def test_narrow_terminals_lose_nothing(run: Run, report: Path) -> None:
    _, printed, _ = run(report, "-r", FAILS, width=60)
    assert max(map(len, printed.splitlines())) <= 60
    columns = zip(*(line.split("│") for line in printed.splitlines() if "│" in line), strict=True)
    rule, measured, verdict, reason = (" ".join(" ".join(parts).split()) for parts in columns)
    assert (rule, measured) == (FAILS, "0.950 [0.900, 0.980]")
    assert (verdict, reason) == ("fails", "the whole interval is below 0.99")


def test_numbers_are_written_as_the_limits_of_rules_are(run: Run, tmp_path: Path) -> None:
    place = {"metric": "fmr", "at": "shipped"}
    made = evaluation(
        [
            metric("fmr", 0.0512, 0.04, 0.063, at="shipped"),
            metric("fnmr", None, at="shipped", method="undefined: no genuine comparison"),
            metric("auc", 0.9),
            metric("images", 1200.0),
            *(metric("auc", 0.9, model="old", cohort=cohort) for cohort in ("general", "all")),
        ],
        [
            difference(-0.0312, -0.05, -0.012, **place),
            difference(0.4, 0.2, 0.8, scale="ratio", **place),
            models(-0.03, -0.05, None),
        ],
        models=("new", "old"),
    )
    (tmp_path / "evaluation.json").write_bytes(made.to_json())
    shown = {
        "fmr@shipped[general, new] <= 0.05": "0.051 [0.040, 0.063]",
        "fmr_gap(general - young-women)[new] <= 0.05": "−0.031 [−0.050, −0.012]",
        "fmr_gap(young-women - general)[new] <= 0.05": "+0.031 [0.012, 0.050]",
        "fmr_ratio(young-women/general)[new] <= 2": "2.500 [1.250, 5.000]",
        "fnmr@shipped[general, new] <= 0.05": "not resolvable",
        "images[general, new] >= 1000": "1,200",
        "better(new, old, auc)[general]": "−0.030 [−0.050, –] on general",
    }
    _, printed, _ = run(tmp_path, *(part for rule in shown for part in ("--rule", rule)))
    for (rule, text), line in zip(shown.items(), printed.splitlines()[2:], strict=False):
        assert [cell.strip() for cell in line.split("│")][:2] == [rule, text]


@pytest.mark.parametrize(
    ("row", "rule", "shown", "verdict"),
    [
        (metric("auc", 0.96, 0.94996, 0.97), "auc[general] >= 0.95", "0.960 [0.94996, 0.970]", "can't tell"),
        (metric("auc", 0.96, 0.95, 0.97), "auc[general] >= 0.95", "0.960 [0.950, 0.970]", "holds"),
        (metric("d_prime", 2.5, 2.0004, 3.0), "d_prime[general] >= 2", "2.50 [2.0004, 3.00]", "holds"),
        (difference(0.04, 0.00004, 0.08), "auc_gap(general - young-women) <= 0", "+0.040 [0.00004, 0.080]", "fails"),
    ],
)
def test_rounding_never_hides_on_which_side_of_the_limit_a_bound_lies(
    run: Run, tmp_path: Path, row: dict, rule: str, shown: str, verdict: str
) -> None:
    of_cohorts = "kind" in row
    made = evaluation([metric("auc", 0.9)] if of_cohorts else [row], [row] if of_cohorts else [])
    (tmp_path / "evaluation.json").write_bytes(made.to_json())
    _, printed, _ = run(tmp_path, "-r", rule)
    assert [cell.strip() for cell in printed.splitlines()[2].split("│")][:3] == [rule, shown, verdict]


def test_without_a_rule_the_limits_of_the_report_are_judged(run: Run, tmp_path: Path) -> None:
    rates = [(name, high, cohort) for cohort in ("general", NAME) for name, high in (("fmr", 0.0009), ("fnmr", 0.04))]
    rows = [metric(name, high / 2, 0.0, high, at="shipped", cohort=cohort) for name, high, cohort in rates]
    made = evaluation(rows, cohorts=("general", NAME))
    (tmp_path / "evaluation.json").write_bytes(made.to_json())
    code, printed, wrong = run(tmp_path)
    assert (code, wrong) == (0, "")
    assert "4 rules: 4 holds" in printed
    code, printed, _ = run(tmp_path, "--limit", "fnmr=0.03")
    assert code == 1
    assert "4 rules: 2 holds, 2 can't tell" in printed
    assert 'fnmr@shipped["general", "new"] <= 0.03' in printed
