"""What stands above the numbers, in the language of the reader and not in that of the run."""

from dataclasses import replace

import pytest

from facegap.data.evaluation import Evaluation
from facegap.metrics.measure import REJECTED
from facegap.report.text.language import in_each_language, in_language
from facegap.report.text.models import synthetic_faces
from facegap.report.text.notices import notice_text
from jobs.check.made import evaluation

SYNTHETIC = in_each_language(synthetic_faces)
IN_JAPANESE = "モデル自身の画像での率では、失敗した画像を含む比較をすべて拒否として数えています。"


def said(one: Evaluation, language: str) -> str:
    with in_language(language):
        return notice_text(Evaluation.from_json(one.to_json()))


@pytest.mark.parametrize("run", ["en", "ja"])
def test_a_notice_is_said_in_the_language_of_its_reader(run: str) -> None:
    made = replace(evaluation([]), notice=SYNTHETIC[run], notices=SYNTHETIC)
    assert said(made, "en").startswith("These faces are synthetic")
    assert said(made, "ja") == SYNTHETIC["ja"] != SYNTHETIC["en"]
    rejected = replace(made, notice=f"{SYNTHETIC[run]} {REJECTED}")
    assert said(rejected, "en") == f"{SYNTHETIC['en']} {REJECTED}"
    assert said(rejected, "ja") == f"{SYNTHETIC['ja']}{IN_JAPANESE}"


def test_a_notice_in_one_language_stays_as_it_is() -> None:
    assert said(replace(evaluation([]), notice="Our own faces."), "ja") == "Our own faces."
    assert said(replace(evaluation([]), notice=REJECTED), "ja") == IN_JAPANESE
    assert said(evaluation([]), "ja") == ""
