"""Judgements as JUnit XML, which build servers read."""

from collections.abc import Sequence
from xml.etree import ElementTree

from facegap.jobs.check.judge import Judgement
from facegap.jobs.check.measured import Verdict
from facegap.report.text.judgements import judged_text
from facegap.run.visible import shown


def junit_xml(
    judgements: Sequence[Judgement], measured: Sequence[str], *, allow_undecided: bool, properties: dict[str, str]
) -> bytes:
    """Return one test suite, `facegap`, with a test case per rule.

    `measured`: what was found, a text per judgement. A rule that fails is a failure; one that the data cannot decide
    is a failure too, or skipped where that is allowed. `properties` say what was judged and how.
    """
    stops = [one.stops(allow_undecided=allow_undecided) for one in judgements]
    skipped = [not stop and one.verdict is not Verdict.HOLDS for one, stop in zip(judgements, stops, strict=True)]
    totals = {
        "tests": str(len(judgements)),
        "failures": str(sum(stops)),
        "errors": "0",
        "skipped": str(sum(skipped)),
    }
    root = ElementTree.Element("testsuites", totals)
    suite = ElementTree.SubElement(root, "testsuite", {"name": "facegap", **totals})
    listed = ElementTree.SubElement(suite, "properties")
    for name, value in properties.items():
        ElementTree.SubElement(listed, "property", {"name": name, "value": shown(value)})
    for one, text, stop, skip in zip(judgements, measured, stops, skipped, strict=True):
        case = ElementTree.SubElement(suite, "testcase", {"classname": "facegap", "name": shown(one.rule)})
        message = shown(judged_text(one, text))
        if stop:
            ElementTree.SubElement(case, "failure", {"type": one.verdict, "message": message}).text = message
        elif skip:
            ElementTree.SubElement(case, "skipped", {"message": message})
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
