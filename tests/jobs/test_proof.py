"""The proof: what may be judged on, and what is claimed."""

import hashlib
import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from facegap.data.comparator import Comparator
from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.input_summary import InputSummary
from facegap.data.manifest import Manifest
from facegap.data.source import Images
from facegap.data.spec import ModelSpec
from facegap.errors import InputError
from facegap.jobs.check import Verdict
from facegap.jobs.collected import NO_FACES, Collected, Made
from facegap.jobs.enough import LEAST
from facegap.jobs.proof import Result
from facegap.jobs.proving import Unseen, check_general, prove, unseen
from facegap.jobs.split import Role, Split
from facegap.jobs.study import Study
from facegap.jobs.subset import only, together
from facegap.jobs.suggestion import Suggestion, suggest
from facegap.report.text.language import in_language, languages

SIZE = 8


def sha256_of(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()


def collected(cohorts: dict[str, list[str]], quality: dict[str, float], *, images: int = 4, seed: int = 0) -> Collected:
    """Embeddings of the subjects of each cohort by models of each quality: the higher, the less a subject varies."""
    rows = [(c, s, f"{c}/{s}/{k}") for c, subjects in cohorts.items() for s in subjects for k in range(images)]
    frame = pl.DataFrame(rows, schema=["cohort", "subject", "path"], orient="row")
    frame = frame.select("path", "subject", "cohort").sort("subject", "cohort", "path")
    name = " + ".join(cohorts)
    manifest = Manifest(frame, tuple(cohorts), name, (InputSummary(name, name, "folders", ()),))
    rng = np.random.default_rng(seed)
    middle = rng.normal(size=(len(frame), SIZE))[manifest.subject_codes]
    noise = rng.normal(size=middle.shape)
    made = [_made(model, (middle + noise / good).astype(np.float32)) for model, good in quality.items()]
    return Collected(Images(manifest), list(map(sha256_of, manifest.paths)), made)


def _made(name: str, vectors: np.ndarray) -> Made:
    n = len(vectors)
    spec = ModelSpec(name, "python", name, "whole", 16, SIZE, Comparator.COSINE)
    boxes = np.full((n, 4), np.nan, np.float32)
    return Made(spec, NO_FACES, Embeddings(vectors, np.zeros(n, np.uint8), (None,) * n, boxes))


def names(prefix: str, n: int) -> list[str]:
    return [f"{prefix}{i:02}" for i in range(n)]


def split_of(found: Collected, trained: set[str]) -> Split:
    roles = [Role.TRAIN if subject in trained else Role.HELD_OUT for subject in found.manifest.subjects]
    return Split(np.array([str(role) for role in roles]), "note")


def judged(
    quality: dict[str, float],
    quality_of_others: dict[str, float] | None = None,
    *,
    subjects: int = 30,
    others: int = 30,
) -> Unseen:
    target = collected({"ours": names("a", subjects + 10)}, quality)
    split = split_of(target, set(names("a", 10)))
    general = collected({"others": names("b", others)}, quality_of_others, seed=1) if quality_of_others else None
    return unseen(target, split, general)


def shaken(found: Unseen, seed: int, rows: np.ndarray | None = None) -> Unseen:
    """Noise of its own for the last model, on some rows or all: as good as before, and wrong elsewhere."""
    *others, last = found.found.made
    vectors = last.embeddings.vectors
    noise = np.random.default_rng(seed).normal(scale=0.1, size=vectors.shape).astype(np.float32)
    moved = vectors + noise * (1 if rows is None else rows[:, None])
    made = [*others, replace(last, embeddings=replace(last.embeddings, vectors=moved))]
    return replace(found, found=replace(found.found, made=made))


def test_only_held_out_subjects_and_strangers_are_judged_on():
    target = collected({"x": names("a", 8), "y": names("b", 4)}, {"old": 1})
    general = collected({"z": ["a00", "c00", "c01", "c02"]}, {"old": 1}, seed=1)
    hashes = list(general.hashes)
    hashes[general.manifest.subjects.index("c01")] = target.hashes[target.manifest.subjects.index("a01")]
    found = unseen(target, split_of(target, {"a00", "a01", "b00"}), Collected(general.source, hashes, general.made))
    assert set(found.found.manifest.subjects) == {*names("a", 8)[2:], *names("b", 4)[1:], "c00", "c02"}
    assert (found.target, found.general) == (("x", "y"), ("z",))
    assert found.note == "note; z: 2 subjects to judge on, 2 more left out because they are among those trained on"


def test_rows_stay_in_step_when_collections_are_cut_and_joined():
    a = collected({"x": names("m", 5)}, {"old": 1, "new": 2})
    b = collected({"y": names("k", 3), "z": ["m01", "p"]}, {"old": 1, "new": 2}, seed=1)
    source = {path: one.made[1].embeddings.vectors[i] for one in (a, b) for i, path in enumerate(one.manifest.paths)}
    kept = np.array([s != "m02" for s in a.manifest.subjects])
    both = together(only(a, kept), b)
    assert both.manifest.cohorts == ("x", "y", "z")
    order = both.manifest.frame.select("subject", "cohort", "path")
    assert order.equals(order.sort("subject", "cohort", "path"))
    assert both.hashes == list(map(sha256_of, both.manifest.paths))
    assert np.array_equal(both.made[1].embeddings.vectors, [source[path] for path in both.manifest.paths])
    assert [f.kind for f in both.manifest.findings] == ["shared-subject"]


def test_nobody_left_of_the_general_cohort_is_refused():
    target = collected({"x": names("a", 8)}, {"old": 1})
    general = collected({"z": ["a00", "a01"]}, {"old": 1})
    with pytest.raises(InputError, match="every subject of z is among those that are trained on"):
        unseen(target, split_of(target, {"a00", "a01"}), general)


def test_a_better_model_is_a_gain():
    proof = prove(judged({"old": 0.7, "new": 2}), Study([]), old="old", new="new")
    assert proof.result is Result.GAIN
    found, verdict = proof.sentences
    assert found.startswith("ours, 30 subjects: AUC 0.")
    assert verdict == "Gain: new is better on ours. What it costs other people was not measured."
    assert proof.evaluation.notice.endswith(f"All numbers are of subjects that new did not learn from. {verdict}")


@pytest.mark.parametrize("subjects", [30, LEAST - 1])
def test_the_notice_of_a_proof_is_held_in_every_language(subjects):
    given = {"en": "Drawn people.", "ja": "描いた人々です。"}
    proof = prove(judged({"old": 0.7, "new": 2}, subjects=subjects), Study([], notice=given), old="old", new="new")
    assert set(proof.evaluation.notices) == set(languages())
    for language, notice in proof.evaluation.notices.items():
        with in_language(language):
            first, *_, last = given[language], *proof.sentences
        assert notice.startswith(first)
        assert notice.endswith(last)
    assert proof.evaluation.notice == proof.evaluation.notices["en"]
    words = re.findall(r"[A-Za-z]{2,}", proof.evaluation.notices["ja"])
    assert set(words) <= {"old", "new", "ours", "AUC"}


def test_the_order_of_the_models_does_not_matter():
    first = prove(judged({"old": 0.7, "new": 2}), Study([]), old="old", new="new")
    second = prove(judged({"new": 2, "old": 0.7}), Study([]), old="old", new="new")
    assert second.result is Result.GAIN
    assert second.sentences == first.sentences


def test_an_equal_model_is_no_gain():
    proof = prove(judged({"old": 1.0, "new": 1.0}), Study([]), old="old", new="new")
    assert proof.result is Result.NO_GAIN
    assert proof.sentences[-1].startswith("No gain: keep old as it is (")


def test_a_worse_model_is_called_worse():
    proof = prove(judged({"old": 1.0, "new": 0.6}), Study([]), old="old", new="new")
    assert proof.result is Result.NO_GAIN
    found, verdict = proof.sentences
    assert found.endswith("]: worse.")
    assert verdict.startswith("No gain: keep old as it is (on ours new is worse than old over the whole interval).")
    assert verdict.endswith("What it costs other people was not measured.")


def test_a_point_estimate_alone_is_no_gain():
    found = judged({"old": 1.0, "new": 1.0})
    proofs = [prove(shaken(found, seed), Study([]), old="old", new="new") for seed in range(4)]
    above = [one for one in proofs if one.gain.measured.value is not None and one.gain.measured.value > 0]
    assert above
    for proof in above:
        assert proof.result is Result.NO_GAIN
        assert proof.sentences[0].endswith("]: no significant difference.")


def test_too_few_subjects_claim_nothing_however_good_the_model():
    few = prove(judged({"old": 0.7, "new": 2}, subjects=LEAST - 1), Study([]), old="old", new="new")
    assert few.gain.verdict is Verdict.HOLDS
    assert few.result is Result.NO_GAIN
    assert few.sentences[-1].startswith("No gain: keep old as it is (too few subjects to judge on")
    assert f"{LEAST - 1} in ours, and {LEAST} are needed in each cohort" in few.evaluation.notice
    enough = prove(judged({"old": 0.7, "new": 2}, subjects=LEAST), Study([]), old="old", new="new")
    assert enough.result is Result.GAIN


def test_a_price_by_too_few_others_claims_nothing():
    better = {"old": 0.7, "new": 2}
    proof = prove(judged(better, better, others=LEAST - 1), Study([]), old="old", new="new")
    assert proof.price is not None
    assert proof.price.verdict is Verdict.HOLDS
    assert proof.result is Result.NO_GAIN
    assert f": {LEAST - 1} in others, " in proof.sentences[-1]


def test_only_subjects_whom_both_models_can_use_count():
    found = judged({"old": 0.7, "new": 2}, subjects=LEAST)
    old, new = found.found.made
    outcome = old.embeddings.outcome.copy()
    outcome[1:4] = Outcome.NO_FACE  # of four images of the first subject
    lacking = replace(old, embeddings=replace(old.embeddings, outcome=outcome))
    less = replace(found, found=replace(found.found, made=[lacking, new]))
    proof = prove(less, Study([]), old="old", new="new")
    assert proof.result is Result.NO_GAIN
    assert f"{LEAST - 1} in ours, " in proof.sentences[-1]


def test_the_general_cohort_decides_by_the_margin():
    better, worse = {"old": 0.7, "new": 2}, {"old": 1.2, "new": 1.0}
    dear = prove(judged(better, worse), Study([]), old="old", new="new")
    assert dear.result is Result.TOO_DEAR
    assert dear.sentences[-1].startswith("Too dear: new is better on ours, but it is worse on others (")
    cheap = prove(judged(better, worse), Study([]), old="old", new="new", margin=0.5)
    assert cheap.result is Result.GAIN
    assert cheap.losses
    assert dear.losses == []  # the verdict has said it
    assert cheap.sentences[-1] == (
        "Gain: new is better on ours. It is worse on others, by no more than the margin of 0.5 AUC."
    )
    same = prove(judged(better, {"old": 1.2, "new": 1.3}), Study([]), old="old", new="new")
    assert same.sentences[-1] == "Gain: new is better on ours, and not worse on others (margin 0.01 AUC)."


def test_a_price_that_cannot_be_told_is_one_that_others_may_pay():
    found = judged({"old": 0.7, "new": 2}, {"old": 1.0, "new": 1.0})
    others = np.array([cohort == "others" for cohort in found.found.manifest.frame["cohort"]])
    proof = prove(shaken(found, 0, rows=others), Study([]), old="old", new="new", margin=0.001)
    assert proof.result is Result.TOO_DEAR
    assert "but others may pay for it (on others the interval" in proof.sentences[-1]


def test_a_gain_says_where_fewer_people_are_recognised_all_the_same():
    found = judged({"old": 1, "new": 3}, {"old": 4, "new": 2})
    proof = prove(found, Study(inputs=[], models=[]), old="old", new="new", margin=0.1)
    assert proof.result is Result.GAIN
    (loss,) = [one for one in proof.losses if "FMR 0.01," in one]
    assert loss.startswith("But old is better than new on others: FNMR ")
    assert proof.sentences[-1].startswith("Gain")
    assert loss in proof.sentences
    assert loss in proof.evaluation.notice
    assert not any("ours" in one for one in proof.losses)


def test_names_with_every_mark_of_a_rule_are_understood():
    old, new = 'a, "b" (c)', "d] = [e/f"
    proof = prove(judged({old: 0.7, new: 2}), Study([]), old=old, new=new)
    assert proof.result is Result.GAIN


def test_a_suggested_threshold_keeps_its_rule_in_every_cohort():
    proof = prove(judged({"old": 0.7, "new": 2}, {"old": 0.7, "new": 1.5}), Study([]), old="old", new="new")
    found = suggest(proof.evaluation, "new")
    assert found is not None
    assert found.rule == "FMR <= 0.01 in every cohort"
    thresholds = [proof.evaluation.row("tar", model="new", cohort=c, at="fmr=0.01") for c in ("ours", "others")]
    assert found.threshold == max(row["threshold"] for row in thresholds if row)
    few = prove(judged({"old": 0.7, "new": 2}, subjects=2), Study([]), old="old", new="new")
    assert suggest(few.evaluation, "new") is None


def test_a_threshold_that_others_cannot_use_is_named_above_the_verdict():
    found = judged({"old": 0.7, "new": 2}, {"old": 0.7, "new": 2})
    frame = found.found.manifest.frame
    others = frame["cohort"].to_numpy() == "others"
    old, new = found.found.made
    vectors = np.where(others[:, None], new.embeddings.vectors + 3, new.embeddings.vectors)  # all of them alike
    made = [old, replace(new, embeddings=replace(new.embeddings, vectors=vectors.astype(np.float32)))]
    apart = replace(found, found=replace(found.found, made=made))

    def decided_by_ours(evaluation, model):
        row = evaluation.row("tar", model=model, cohort="ours", at="fmr=0.01")
        return Suggestion(row["threshold"], 0.01, "FMR <= 0.01", "ours")

    proof = prove(apart, Study([]), old="old", new="new", margin=1, suggestion=decided_by_ours)
    (misfit,) = proof.misfits
    assert "chosen for FMR 0.01, has FMR " in misfit
    assert " % on others, " in misfit
    assert proof.sentences.index(misfit) < len(proof.sentences) - 1
    assert proof.evaluation.notice.index(misfit) < proof.evaluation.notice.index(proof.sentences[-1])
    made_for_all = prove(apart, Study([]), old="old", new="new", margin=1)
    assert made_for_all.suggested is not None
    assert made_for_all.misfits == []


@pytest.mark.parametrize("given", [(), []])
def test_other_people_are_asked_for(given):
    with pytest.raises(InputError, match=r"no other people are given.*--general.*--no-general") as raised:
        check_general(given)
    assert "\n" not in str(raised.value)
    check_general(None)
    check_general(["general=photos"])
