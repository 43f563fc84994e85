from xml.etree import ElementTree

from facegap.jobs.check import check, junit_xml
from jobs.check.made import evaluation, metric

RULES = [f"auc[general] >= {limit}" for limit in (0.8, 0.95, 0.99)]
SHOWN = ["0.950 <1>", "0.950 <2>", "0.950 <3>"]


def written(rules: list[str], *, allow_undecided: bool) -> ElementTree.Element:
    judgements = check(evaluation([metric("auc", 0.95, 0.9, 0.98)]), rules)
    about = {"evaluation": 'made & "so"'}
    data = junit_xml(judgements, SHOWN, allow_undecided=allow_undecided, properties=about)
    return ElementTree.fromstring(data)


def test_one_suite_with_a_case_per_rule() -> None:
    root = written(RULES, allow_undecided=False)
    assert root.tag == "testsuites"
    (suite,) = root
    assert suite.attrib == {"name": "facegap", "tests": "3", "failures": "2", "errors": "0", "skipped": "0"}
    assert [child.tag for child in suite] == ["properties", "testcase", "testcase", "testcase"]
    assert suite[0][0].attrib == {"name": "evaluation", "value": 'made & "so"'}
    holds, unsure, fails = suite.findall("testcase")
    assert [case.attrib for case in (holds, unsure, fails)] == [
        {"classname": "facegap", "name": rule} for rule in RULES
    ]
    assert len(holds) == 0
    for case, verdict, shown in ((unsure, "can't tell", SHOWN[1]), (fails, "fails", SHOWN[2])):
        (failure,) = case
        assert failure.tag == "failure"
        assert failure.get("type") == verdict
        assert (failure.get("message") or "").startswith(f"{verdict}: {shown}; ")


def test_what_cannot_be_told_is_skipped_where_that_is_allowed() -> None:
    (suite,) = written(RULES, allow_undecided=True)
    assert (suite.get("failures"), suite.get("skipped")) == ("1", "1")
    cases = suite.findall("testcase")
    assert [[child.tag for child in case] for case in cases] == [[], ["skipped"], ["failure"]]


def test_nothing_is_said_twice() -> None:
    judgements = check(evaluation([metric("auc", None, method="not resolvable: why")]), ["auc[general] >= 0.99"])
    data = junit_xml(judgements, ["not resolvable"], allow_undecided=False, properties={})
    (failure,) = ElementTree.fromstring(data).iter("failure")
    assert failure.get("message") == failure.text == "can't tell: not resolvable: why"


def test_names_are_any_text_and_the_file_stays_readable() -> None:
    name = "若 <b>\x0b\x00"
    made = evaluation([metric("auc", 0.95, 0.9, 0.98, cohort=name)], cohorts=(name,))
    data = junit_xml(check(made, [f"auc[{name}] >= 0.99"]), ["0.950"], allow_undecided=False, properties={"a": "\x01"})
    assert "若 <b>\\x0b\\x00" in (ElementTree.fromstring(data).findall(".//testcase")[0].get("name") or "")
