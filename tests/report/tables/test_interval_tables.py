"""The tables of the page that stand on intervals."""

import re
from dataclasses import replace

import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.report.tables import differential_tables, subject_tables, tables
from facegap.report.tables.difference_tables import comparisons
from facegap.report.tables.layout import Cell, Table
from facegap.report.tables.limits import limit_tables
from report.conftest import HOSTILE

JAPANESE = "若年女性"

ENDS_FIXED = "jackknife over subjects, cohorts at the ends held fixed"
UNRESOLVED = (
    "not resolvable: 0.3 false matches expected among 30,000 impostor comparisons of 140 subjects, at least 3 needed"
)


def by_heads(table: Table) -> dict[tuple[str, ...], tuple[Cell, ...]]:
    return {tuple(cell.text for cell in row[: table.heads]): row[table.heads :] for row in table.rows}


def test_without_intervals_there_are_no_such_tables(evaluation: Evaluation) -> None:
    assert comparisons(evaluation) == []
    assert limit_tables(evaluation) == []
    assert differential_tables.rate_tables(evaluation) == []
    assert differential_tables.measure_tables(evaluation) == []
    assert differential_tables.price_tables(evaluation) == []
    assert subject_tables.causes(evaluation) == subject_tables.without_tables(evaluation) == []


def test_with_intervals_counts_have_summary_tables_of_their_own(evaluation: Evaluation, sure: Evaluation) -> None:
    numbers, common, counts, _ = tables.summary_tables(sure)
    assert "Impostor" not in numbers.columns
    assert "AUC" not in counts.columns
    assert common.caption.startswith("Common")
    auc = by_heads(numbers)["dlib", "general"][numbers.columns.index("AUC") - 2]
    assert auc.notes[0].startswith("[0.9")
    assert counts.columns[-2:] == ("Effective subjects", "Heaviest subject")
    assert len(tables.summary_tables(evaluation)) == 2


def test_every_comparison_is_in_a_table_with_its_words(sure: Evaluation) -> None:
    found = comparisons(sure)
    assert [each.title.split()[0] for each in found] == ["Cohorts", "Models", "Gaps"]
    of_cohorts = found[0]
    told = {(*(cell.text for cell in row[:3]),): row for row in of_cohorts.significant.rows}
    row = told["dlib", f"general / {JAPANESE}", "AUC"]
    assert row[-1].text == f"dlib is worse on {JAPANESE} than on general"
    assert row[5].notes[0].startswith("[")
    assert row[5].notes[1].startswith("p ")
    assert {row[-1].text for row in of_cohorts.others.rows} <= {"not significant", "not tested"}
    assert len(told) == len(of_cohorts.significant.rows) > 0
    assert len(of_cohorts.others.rows) > 0


def test_states_count_tests_and_what_is_significant(sure: Evaluation) -> None:
    for each in comparisons(sure):
        states = [state for matrix in each.states for _name, row in matrix.rows for state in row if state]
        tests = re.match(r"(\d+) tests.*; (\d+) significant", each.tests)
        assert tests is not None
        assert sum(state.tested for state in states) == int(tests[1])
        assert sum(state.significant for state in states) == int(tests[2]) == len(each.significant.rows)
    of_models = comparisons(sure)[0].states
    assert [matrix.caption for matrix in of_models] == sure.models["model"].to_list()
    assert [name for name, _row in of_models[0].rows] == [JAPANESE, HOSTILE]


def test_the_matrix_holds_each_pair_of_cohorts_from_both_sides(sure: Evaluation) -> None:
    shipped = differential_tables.rate_tables(sure)[0]
    assert shipped.heads == 1
    rows = by_heads(shipped)
    cohorts = list(rows)
    fmr = [[rows[cohort][i] for i in range(3)] for cohort in cohorts]
    assert fmr[0][1].text == fmr[1][0].text != "–"
    assert {cell.tone for row in fmr for cell in row} >= {"heat0", "heat5"}
    assert rows[cohorts[0]][3].notes


def test_a_measure_shows_its_ends_or_that_it_cannot_be_resolved(sure: Evaluation) -> None:
    (table,) = differential_tables.measure_tables(sure)
    assert table.columns[2] == "FMR max/min"
    row = by_heads(table)["dlib", "shipped"]
    assert row[0] == Cell("3.1", ("[2.5, 4.0]", f"{JAPANESE} / general"), why=ENDS_FIXED)
    assert row[2] == Cell(
        "not resolvable", why="not resolvable: 3 false non-matches in general, at least 10 needed", tone="muted"
    )
    assert [word for word, _ in differential_tables.measure_words(sure)] == list(table.columns[2:])


def test_prices_are_in_points(sure: Evaluation) -> None:
    (table,) = differential_tables.price_tables(sure)
    price = by_heads(table)["dlib", "general"][-1]
    assert price.text.endswith("points")
    assert price.notes[0].startswith("[")


def test_the_worst_subjects_of_each_error_come_first_and_the_rest_is_folded(sure: Evaluation) -> None:
    (matches, rest), (misses, more) = subject_tables.causes(sure)[0].tables
    assert (len(matches.rows), len(rest.rows)) == (15, 45)
    assert matches.rows[0][4] == Cell("21.5 % of all", ("400 of 5,000",))
    assert misses.caption == "Most false non-matches at the shipped threshold"
    missed = [int(row[5].notes[0].split(" of ")[0]) for row in (*misses.rows, *more.rows)]
    assert missed == sorted(missed, reverse=True)
    assert missed[-1] > 0


def test_the_fmr_without_the_worst_names_them(sure: Evaluation) -> None:
    (left,) = subject_tables.without_tables(sure)
    assert left.columns[2:4] == ("everyone", "without 1")
    assert by_heads(left)["dlib", "shipped"][1].why == "山田 0 <i>"


def test_the_limits_name_what_is_out_of_reach_and_what_would_have_been_found(sure: Evaluation) -> None:
    own, _, between, models = limit_tables(sure)
    assert [cell.text for cell in by_heads(own)["dlib", "general"]] == ["0.001", "0.0001, 1e-5, 1e-6"]
    assert own.reasons == (UNRESOLVED,)
    assert between.caption.startswith("Between cohorts")
    detectable = sure.differences.filter(kind="cohorts", metric="auc", model_a="dlib")["detectable"][0]
    assert by_heads(between)["dlib", f"general / {JAPANESE}"][0].text == f"{detectable:.2g}"
    assert models.caption.startswith("Between models")


def test_one_cohort_and_one_model_have_limits_and_no_differences(sure: Evaluation) -> None:
    empty = {name: getattr(sure, name).clear() for name in ("differences", "differentials")}
    assert comparisons(replace(sure, **empty)) == []
    assert len(limit_tables(replace(sure, **empty))) == 2


def test_a_rate_is_judged_by_the_sure_end_of_its_interval(sure: Evaluation) -> None:
    def tone(low: float | None) -> str:
        is_it = (pl.col("metric") == "fmr") & (pl.col("at") == "shipped")
        changed = pl.when(is_it).then(0.2).otherwise("value"), pl.when(is_it).then(low).otherwise("low")
        metrics = sure.metrics.with_columns(value=changed[0], low=changed[1].cast(pl.Float64))
        return tables.audit_tables(replace(sure, metrics=metrics))[0].rows[0][3].tone

    assert [tone(low) for low in (None, 0.15, 0.05, 0.001)] == ["bad", "bad", "weak", ""]


def test_ends_that_differ_between_rates_and_prices_without_an_own_threshold_are_shown(sure: Evaluation) -> None:
    worst = sure.differentials.with_columns(worst=pl.lit("FMR: general, FNMR: young"))
    nothing = {
        name: pl.lit(None, pl.Float64) for name in ("own_threshold", "own_fmr", "own_fnmr", "price", "low", "high")
    }
    changed = replace(sure, differentials=worst, prices=sure.prices.with_columns(**nothing))
    assert by_heads(differential_tables.measure_tables(changed)[0])["dlib", "shipped"][4].notes[1] == (
        "FMR: general, FNMR: young"
    )
    own, price = by_heads(differential_tables.price_tables(changed)[0])["dlib", "general"][1:]
    assert own == Cell("FMR –", ("FNMR –", "at –"))
    assert price == Cell("–", tone="muted")
