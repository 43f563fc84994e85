import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegap.errors import InputError
from facegap.jobs.check.rules import Contrast, Limit, ModelClaim, Quantity, parse, point, spelled

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "check.md"


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("auc >= 1", Quantity("auc", None, ())),
        ("AUC[young-women]>=1", Quantity("auc", None, ("young-women",))),
        ("auc[ young women , new v2 ] >= 1", Quantity("auc", None, ("young women", "new v2"))),
        ("auc[若年女性] >= 1", Quantity("auc", None, ("若年女性",))),
        ('auc["a, b]"] >= 1', Quantity("auc", None, ("a, b]",))),
        ('auc["say ""hi"""] >= 1', Quantity("auc", None, ('say "hi"',))),
        ("fnmr@fmr=1e-3[young] >= 1", Quantity("fnmr", "fmr=0.001", ("young",))),
        ("fnmr @ fmr = 1e-3 [young] >= 1", Quantity("fnmr", "fmr=0.001", ("young",))),
        ("fmr@general@fmr=0.0010>=1", Quantity("fmr", "general@fmr=0.001", ())),
        ('fmr@"women (young)"@fmr=.01 >= 1', Quantity("fmr", "women (young)@fmr=0.01", ())),
        ('precision@"best-f1, share=0.50" >= 1', Quantity("precision", "best-f1, share=0.5", ())),
        ("GARBE@shipped[new] >= 1", Quantity("garbe", "shipped", ("new",))),
        ('"fmr max/min"@shipped >= 1', Quantity("fmr_max_min", "shipped", ())),
        ("fmr_max_min@shipped >= 1", Quantity("fmr_max_min", "shipped", ())),
        ("auc_gap(general - young-women) >= 1", Contrast("auc", None, "difference", ("general", "young-women"), ())),
        ("fmr_ratio(young-women/general) >= 1", Contrast("fmr", None, "ratio", ("young-women", "general"), ())),
        (
            'd_prime_gap@x("a - b" - c)[new] >= 1',
            Contrast("d_prime", "x", "difference", ("a - b", "c"), ("new",)),
        ),
        (
            'fnmr_ratio@fmr=1e-3("w/o glasses"/general)[new] >= 1',
            Contrast("fnmr", "fmr=0.001", "ratio", ("w/o glasses", "general"), ("new",)),
        ),
    ],
)
def test_a_quantity_is_read(text: str, quantity: Quantity | Contrast) -> None:
    assert parse(text) == Limit(quantity, ">=", 1.0)


@pytest.mark.parametrize(("text", "number"), [("1e-3", 0.001), ("-0.02", -0.02), (" .5 ", 0.5), ("2", 2.0)])
def test_a_limit_is_read_as_written(text: str, number: float) -> None:
    assert parse(f"auc <= {text}") == Limit(Quantity("auc", None, ()), "<=", number)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (
            "not_worse(new, old, fnmr@fmr=1e-3, 0.01)",
            ModelClaim("not_worse", "new", "old", "fnmr", "fmr=0.001", 0.01, ()),
        ),
        ("equivalent(new,old,auc,1e-2)[young]", ModelClaim("equivalent", "new", "old", "auc", None, 0.01, ("young",))),
        ('better("new, v2", old, AUC)[a, b]', ModelClaim("better", "new, v2", "old", "auc", None, 0.0, ("a", "b"))),
        ("better(new, old, auc)", ModelClaim("better", "new", "old", "auc", None, 0.0, ())),
    ],
)
def test_a_claim_is_read(text: str, claim: ModelClaim) -> None:
    assert parse(text) == claim


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "starts with no metric"),
        (">= 1", "starts with no metric"),
        ("auc", "'<=' or '>='"),
        ("auc > 1", "'<=' or '>='"),
        ("auc == 1", "'<=' or '>='"),
        ("auc >= 10 %", "'10 %' is no number"),
        ("auc >= ", "'' is no number"),
        ("auc >= nan", "'nan' is no number"),
        ("auc >= inf", "'inf' is no number"),
        ("auc[young >= 1", "the rule ends where ']'"),
        ("auc[] >= 1", "a name"),
        ("auc[a][b] >= 1", "'<=' or '>='"),
        ('auc["young] >= 1', "quotation mark is not closed"),
        ("auc@ >= 1", "a name"),
        ("auc(young) >= 1", "stands in brackets, auc[COHORT]"),
        ("auc_gap >= 1", "write auc_gap(A - B)"),
        ("auc_gap(general-young) >= 1", "' - ' was expected: write auc_gap(A - B)"),
        ("auc_gap(a - b - c) >= 1", "')'"),
        ("fmr_ratio(a - b) >= 1", "write fmr_ratio(A/B)"),
        ("fmr_ratio(a/b)@shipped >= 1", "'@shipped >= 1' was found"),
        ("better(new, old)", "write better(NEW, OLD, METRIC@AT)"),
        ("better(new, old, auc, 0.01)", "write better(NEW, OLD, METRIC@AT)"),
        ("not_worse(new, old, auc)", "write not_worse(NEW, OLD, METRIC@AT, MARGIN)"),
        ("not_worse(new, old, auc, -1)", "margin -1 is negative"),
        ("not_worse(new, old, auc, x)", "'x' is no number"),
        ("better(new, old, auc) >= 1", "the end"),
    ],
)
def test_what_is_no_rule_is_one_line_that_says_what_was_expected(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1))
def test_any_name_can_be_quoted(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    one = parse(f"auc[{quoted}, {quoted}] >= 1")
    assert isinstance(one, Limit)
    assert isinstance(one.quantity, Quantity)
    first, second = one.quantity.names
    assert first == second
    gap = parse(f"auc_gap({quoted} - {quoted}) >= 1")
    claim = parse(f"better({quoted}, {quoted}, auc)[{quoted}]")
    assert isinstance(gap, Limit)
    assert isinstance(gap.quantity, Contrast)
    assert isinstance(claim, ModelClaim)
    assert {*gap.quantity.cohorts, claim.new, claim.old, *claim.cohorts} == {first}


@given(st.text('ab_@[](),/- "<>=.1', max_size=30))
def test_any_text_is_a_rule_or_an_input_error(text: str) -> None:
    with suppress(InputError):
        assert isinstance(parse(text), Limit | ModelClaim)


@given(st.floats(min_value=1e-9, max_value=1.0))
def test_numbers_of_operating_points_are_written_one_way(fmr: float) -> None:
    assert point(f"all@fmr={fmr!r}") == f"all@fmr={fmr:g}"
    assert point(f"fmr={fmr:.16e}") == f"fmr={fmr:g}"


def test_the_differentials_have_names_that_need_no_quotes() -> None:
    names = ("fmr max/min", "fnmr max/geomean", "FDR", "GARBE", "d_prime")
    assert [spelled(name) for name in names] == ["fmr_max_min", "fnmr_max_geomean", "fdr", "garbe", "d_prime"]


def test_the_rules_of_the_guide_are_rules() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    rules = re.findall(r"^\| `(.+?)` \|", guide, re.MULTILINE) + re.findall(r"--rule '(.+?)'", guide)
    read = {type(part) for rule in map(parse, rules) for part in (rule, getattr(rule, "quantity", rule))}
    assert read == {Limit, Quantity, Contrast, ModelClaim}
