"""Limits as `--limit` takes them, and as files hold them."""

import json

import pytest

from facegap.data.evaluation import Evaluation
from facegap.data.limits import DEFAULT_LIMITS, Limits, parse_limits
from facegap.errors import InputError
from jobs.check.made import evaluation, metric


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], DEFAULT_LIMITS),
        (["fmr=1e-4"], Limits(fmr=1e-4)),
        (["fmr=1e-4", " fnmr = 0.02"], Limits(1e-4, 0.02)),
        (["fnmr=0.02,fmr=1e-2"], Limits(1e-2, 0.02)),
    ],
)
def test_limits_are_read(texts: list[str], expected: Limits) -> None:
    assert parse_limits(texts) == expected


@pytest.mark.parametrize("text", ["fmr", "fmr=", "fmr=0", "fmr=1", "fmr=nan", "far=0.1", "=0.1", "fmr=0.1=0.2", ""])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not understood: write fmr or fnmr and a rate between 0 and 1"):
        parse_limits([text])


def test_a_rate_has_one_limit() -> None:
    with pytest.raises(InputError, match=r"--limit names fmr twice \(0.1, 0.2\): give one limit for each rate"):
        parse_limits(["fmr=0.1", "fmr=0.2"])


def test_files_keep_limits_and_older_ones_have_the_usual() -> None:
    made = evaluation([metric("auc", 0.9)])
    kept = Evaluation.from_json(made.to_json())
    assert kept.limits == DEFAULT_LIMITS
    plain = json.loads(made.to_json())
    plain["limits"] = {"fmr": 0.01, "fnmr": 0.1, "fta": 0.02}
    read = Evaluation.from_json(json.dumps(plain).encode())
    assert read.limits == Limits(0.01, 0.1)
    assert json.loads(read.to_json())["limits"] == plain["limits"], "what this facegap does not know is kept"
    del plain["limits"]
    assert Evaluation.from_json(json.dumps(plain).encode()).limits == DEFAULT_LIMITS
