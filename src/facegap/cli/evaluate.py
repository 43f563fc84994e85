"""`facegap evaluate`: from folders of faces to a report."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from facegap.cli import groups, options
from facegap.cli.check import judged
from facegap.cli.console import Terminal
from facegap.cli.study_file import Config, study_command, study_text
from facegap.errors import InputError, Phrase, nphrase
from facegap.run import remote
from facegap.run.text import one_after_another

if TYPE_CHECKING:
    from facegap.data.evaluation import Evaluation
    from facegap.data.templates import TemplateMean
    from facegap.report.text.findings import ShownFinding

SHOWN_FINDINGS = 12
SHOWN_NAMES = 3
SHOWN_DIFFERENCES = 6


@dataclass(frozen=True)
class ReadingWithPairs(groups.ReadingOptions):
    """How inputs are read, lists of pairs too."""

    image_root: Annotated[
        Path | None,
        typer.Option(
            parser=remote.place,
            metavar="<path>",
            help="Folder, archive or URL that relative paths of a table or a pair list start from.",
        ),
    ] = None


def evaluate(
    ctx: typer.Context,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=]PATH", help="Folders of images, tables, pair lists, saved embeddings or scores."
        ),
    ] = None,
    *,
    model: options.Models = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder the report is written to.")] = Path("report"),
    models: groups.ModelOptions,
    detection: groups.DetectionOptions,
    reading: ReadingWithPairs,
    many_cohorts: Annotated[
        bool, typer.Option("--many-cohorts", help="More than 20 cohorts, or 10 numbers, are what you want.")
    ] = False,
    sample: Annotated[int | None, typer.Option(help="Take this many random images per cohort.")] = None,
    most_images: Annotated[
        int | None, typer.Option(help="Take at most this many random images of each subject of a cohort.")
    ] = None,
    pairs: Annotated[
        int | None, typer.Option(help="Make this many comparisons, drawn by subject, in place of all.")
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(
            help="Which images make up the templates of a list of template pairs: lines of path, tid and mid."
        ),
    ] = None,
    template_mean: Annotated[
        str | None,
        typer.Option(help="Embeddings of a template: unit length first, or plain; unit for cosine by default."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of all that is random.")] = 0,
    failures: Annotated[
        str, typer.Option(help="Comparisons with a failed image are excluded, or rejected.")
    ] = "excluded",
    weigh: Annotated[
        str, typer.Option(help="What counts the same in rates: all comparisons, or all subjects and pairs of subjects.")
    ] = "comparisons",
    genuine_share: Annotated[
        float | None, typer.Option(help="Also give precision and F1 at this share of genuine comparisons.")
    ] = None,
    threshold_from: Annotated[
        list[str] | None, typer.Option(help="Cohort on which thresholds are chosen, to be judged on the others.")
    ] = None,
    at: Annotated[list[str] | None, typer.Option(help="At which rate, e.g. fmr=1e-3; with --threshold-from.")] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="Also measure e.g. hter or dcf:c_miss=1,c_false=10,prior=0.01; may be given several times."),
    ] = None,
    fmr: Annotated[
        list[str] | None, typer.Option(help="Also measure TAR and FNMR at these false match rates, e.g. 3e-4,5e-5.")
    ] = None,
    limits: groups.LimitOptions,
    intervals: Annotated[
        str, typer.Option(help="How intervals are made: jackknife (leave out each subject in turn) or none.")
    ] = "jackknife",
    level: Annotated[float, typer.Option(help="Confidence of the intervals.")] = 0.95,
    comparator: options.CompareBy = "cosine",
    scores: Annotated[
        str | None, typer.Option(help="What given scores are: similarity or distance, instead of telling it from them.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Measure the images, and say how much of each gap goes with that.")
    ] = False,
    same_data: Annotated[str, typer.Option(hidden=True, help="Write nothing unless the data has this sha256.")] = "",
    running: groups.DeviceOptions,
    memory: Annotated[
        str | None,
        typer.Option(help="Most memory for embeddings, e.g. 2GB; what is more lies in files beside the store."),
    ] = None,
    compare_on: Annotated[
        str | None,
        typer.Option(help="Where scores are computed: cpu, or with torch cuda or cuda:N; by default as --device."),
    ] = None,
    precision: Annotated[
        str, typer.Option(help="Matrix products on a GPU: float32, or faster and coarser tf32, float16 or bfloat16.")
    ] = "float32",
    images: Annotated[bool, typer.Option("--images/--no-images", help="Show faces in the report, or none.")] = True,
    charts: Annotated[
        str, typer.Option(help="Write charts as files too: svg, png, pdf, several with commas, or none.")
    ] = "svg,png",
    anonymous: options.Anonymous = False,
    rule: Annotated[
        list[str] | None,
        typer.Option(help="Also judge this rule, as `facegap check` does: the exit code is 1 unless all hold."),
    ] = None,
    config: Config = None,
) -> None:
    """Evaluate face-verification models on your images, cohort by cohort, and write a report."""
    from facegap.cli.outputs import reserved
    from facegap.cli.terminal import Bars, place
    from facegap.data.comparator import Comparator
    from facegap.jobs.check.rules import parse
    from facegap.jobs.evaluating import evaluate as run
    from facegap.models import parse_given, parse_pair_model
    from facegap.report.page.writer import check_charts, check_report_folder, write_report
    from facegap.report.text.language import _
    from facegap.report.text.on_the_way import compared_on_cpu

    check_report_folder(out)
    formats = [] if charts == "none" else options.split_names([charts])
    check_charts(formats)
    for text in rule or ():
        parse(text)
    embedding, comparing = options.devices(running.device, compare_on)
    study = groups.study(
        inputs or [],
        [parse_given(m) or parse_pair_model(m) or models.parsed(m, embedding) for m in model or ()],
        detection,
        reading,
        running,
        anonymous=anonymous,
        comparator=comparator,
        templates=templates,
        template_mean=None
        if template_mean is None
        else cast("TemplateMean", options.one_of("--template-mean", template_mean, ("unit", "plain"))),
        many_cohorts=many_cohorts,
        command=study_command(ctx),
        sample=sample,
        most_images=most_images,
        pairs=pairs,
        seed=seed,
        failures=options.one_of("--failures", failures, ("excluded", "rejected")),
        weigh=options.one_of("--weigh", weigh, ("comparisons", "subjects")),
        genuine_share=None if genuine_share is None else options.share("--genuine-share", genuine_share, "0.5"),
        threshold_from=options.thresholds(threshold_from or [], at or []),
        metrics=metric or [],
        fmrs=options.rates(fmr),
        limits=limits.limits(),
        intervals=options.one_of("--intervals", intervals, ("jackknife", "none")),
        level=options.share("--level", level, "0.95"),
        direction=None
        if scores is None
        else Comparator(options.one_of("--scores", scores, ("similarity", "distance"))),
        explain=explain,
        memory=None if memory is None else options.size("--memory", memory),
        device=comparing,
        precision=precision,
    )
    console = Terminal()
    if compare_on is None and embedding.startswith("cuda") and comparing == "cpu":
        console.say(compared_on_cpu())
    given = [*(inputs or ()), *(model or ()), reading.image_root, detection.detector, config]
    asked = "" if anonymous else study_text(ctx)
    with reserved(report=out, given=given), Bars(console) as progress:
        evaluation = run(study, executor=running.chosen(), progress=progress, say=console.say)
        if same_data not in ("", evaluation.provenance["data sha256"]):
            raise InputError("the images or labels are no longer those of the report: evaluate anew, with --explain")
        page = write_report(
            evaluation, out, images=images and not anonymous, charts=formats, study=asked, progress=progress
        )
    shown = place(page, anonymous=anonymous)
    if said := _nothing_measured(evaluation):
        raise InputError(
            "nothing could be measured: {why}; the report lists the images: {report}",
            why=one_after_another(said),
            report=shown,
        )
    show(console, evaluation, shown)
    if anonymous:
        console.say(_("No study.toml was written: it would name the inputs."))
    if rule and judged(console, evaluation, rule):
        raise typer.Exit(1)


def show(console: Terminal, evaluation: "Evaluation", page: str) -> None:
    """Print what was found and where the report is."""
    from facegap.cli.terminal import print_cards, print_summary
    from facegap.report.tables.limits import unseen_sentence
    from facegap.report.text.decided import difference_lines
    from facegap.report.text.findings import shown_findings
    from facegap.report.text.language import _, ngettext
    from facegap.report.text.notices import notice_text
    from facegap.report.text.summary import image_sets, summary_rows
    from facegap.report.text.verdict import verdicts
    from facegap.report.text.why import why_sentences

    console.print()
    if notice := notice_text(evaluation):
        console.print(notice, style="yellow")
        console.print()
    print_cards(console, evaluation)
    print_summary(console, summary_rows(evaluation))
    sentences = [str(one) for one in verdicts(evaluation)]
    for sentence in sentences:
        console.print(sentence)
    for line in difference_lines(evaluation, " ".join(sentences), most=SHOWN_DIFFERENCES):
        console.print(line)
    for sentence in why_sentences(evaluation):
        console.print(sentence)
    if unseen := unseen_sentence(evaluation):
        console.print(unseen)
    for row in evaluation.metrics.iter_rows(named=True):
        if row["metric"] == "fold_accuracy":
            console.print(_folds(row, several=len(image_sets(evaluation)) > 1))
    findings = [_finding(one) for one in shown_findings(evaluation)]
    if findings:
        console.print("\n" + _("To look at:"), style="bold")
    for message in findings[:SHOWN_FINDINGS]:
        console.print(f"- {message}")
    if len(findings) > SHOWN_FINDINGS:
        more = len(findings) - SHOWN_FINDINGS
        console.print("- " + ngettext("and {n} more, in the report", "and {n} more, in the report", more, n=more))
    failed = evaluation.failures.group_by("model", "outcome", maintain_order=True).len()
    for row in failed.iter_rows(named=True):
        console.print(_failed(row))
    console.print("\n" + _("Report: {page}", page=page), style="bold", soft_wrap=True)


def _folds(row: dict, *, several: bool) -> str:
    """Return the accuracy over the folds of an official list; `several`: there are two sets of images."""
    from facegap.report.text.language import _
    from facegap.report.text.methods import method_text
    from facegap.report.text.summary import set_words

    named = {"model": row["model"], "accuracy": f"{row['value']:.4f}", "method": method_text(row)}
    if not several:
        return _("{model}: accuracy {accuracy} over {method}", **named)
    return _("{model} ({which}): accuracy {accuracy} over {method}", which=set_words(row["images"]), **named)


def _failed(row: dict) -> str:
    """Return how many images failed at a model in one way."""
    from facegap.report.text.language import _
    from facegap.report.text.names import outcome_name

    return _(
        "{model}: {n} images: {outcome} (listed in the report)",
        model=row["model"],
        n=row["len"],
        outcome=outcome_name(row["outcome"]),
    )


def _nothing_measured(evaluation: "Evaluation") -> list[Phrase]:
    """Return why no model made a comparison, for each the commonest reason; none where one did."""
    from collections import Counter

    import polars as pl

    made = evaluation.metrics.filter(pl.col("metric").is_in(["genuine", "impostor"]))["value"]
    if (made > 0).any():
        return []
    failed = evaluation.failures.group_by("model", maintain_order=True).agg(pl.col("outcome"))
    said = []
    for model, outcomes in failed.iter_rows():
        outcome, number = Counter(outcomes).most_common(1)[0]
        said.append(
            nphrase(
                "{model} got no embedding of {n} image, {number} of them: {outcome}",
                "{model} got no embedding of {n} images, {number} of them: {outcome}",
                len(outcomes),
                model=model,
                number=number,
                outcome=Phrase(outcome),
            )
        )
    return said or [Phrase("there is no comparison")]


def _finding(found: "ShownFinding") -> str:
    """Return a finding in one line, with the names of its first images."""
    from facegap.report.text.language import _, shortened

    names = [Path(path).name for path in found.paths]
    if not names:
        return found.text
    return _("{finding} ({names})", finding=found.text, names=shortened(names, SHOWN_NAMES))
