"""The sentences of findings on networks, embeddings and numbers."""

from collections.abc import Sequence

from facegap.data.finding import FindingCode as Code
from facegap.report.text.language import _, in_a_row, ngettext
from facegap.report.text.phrases import metric_name, metric_words
from facegap.report.text.sentences import Sentence, Values
from facegap.run.text import N_


def _unit_scale(values: Values) -> str:
    return _(
        "{model}: mean {mean} and std {std} in its contract look like numbers on the scale 0 to 1, but they count from "
        "0 to 255, so the network gets pixels from {low} to {high}: multiply both by 255",
        **_contract(values),
    )


def _normalised_twice(values: Values) -> str:
    return _(
        "{model}: the network itself begins with {steps}, and its contract, mean {mean} and std {std}, changes the "
        "pixels before, which end up from {low} to {high}: if it wants 0 to 255, say mean 0 and std 1 in a TOML file "
        "beside it, or --preset sface if it is that",
        **_contract(values),
        steps=values["steps"],
    )


def _contract(values: Values) -> dict[str, str]:
    ends = {name: f"{values[name]:.4g}" for name in ("low", "high")}
    return {"model": values["model"], **{name: _channels(values[name]) for name in ("mean", "std")}, **ends}


def _channels(numbers: Sequence[float]) -> str:
    """Return a number for all channels, or one for each."""
    return f"{numbers[0]:g}" if len(set(numbers)) == 1 else in_a_row([f"{number:g}" for number in numbers])


def _no_spread(values: Values) -> str:
    return _(
        "{model}: impostor scores have hardly any spread, 98 % of them lie between {low} and {high}: the network is "
        "probably fed other pixels than it wants, and the numbers say nothing about it; check its contract with "
        "facegap inspect FILE.onnx --on DATA",
        model=values["model"],
        **{name: f"{values[name]:.6g}" for name in ("low", "high")},
    )


def _zero_embeddings(values: Values) -> str:
    return ngettext(
        "{model}: {zero} embedding of {embeddings} are zero, which has no cosine, and count as failed: is the file "
        "damaged, or badly converted?",
        "{model}: {zero} embeddings of {embeddings} are zero, which has no cosine, and count as failed: is the file "
        "damaged, or badly converted?",
        values["zero"],
        **values,
    )


def _per_subject(values: Values) -> str:
    rates = {"rate": _percent(values["rate"]), "mean": _percent(values["mean"])}
    what = metric_words(values["metric"], values["at"])
    named = {"model": values["model"], "cohort": repr(values["cohort"]), "metric": what, **rates}
    said = _(
        "{model}, cohort {cohort}: the {metric} is {rate} of the comparisons but {mean} where each subject counts once",
        **named,
    )
    if values["more"]:
        said = _("{finding}, and differs as much at {n} more", finding=said, n=values["more"])
    if values["mean"] > values["rate"]:
        return _("{finding}: subjects with many comparisons are better off than the others", finding=said)
    return _("{finding}: subjects with many comparisons are worse off than the others", finding=said)


def _one_carries(values: Values) -> str:
    rates = {name: _percent(values[name]) for name in ("rate", "without", "with_one_more")}
    return _(
        "{model}, cohort {cohort}: one subject makes {share} % of the {metric}, {rate}: without that subject it is "
        "{without}, with one more like that about {with_one_more}",
        model=values["model"],
        cohort=repr(values["cohort"]),
        share=f"{100 * values['share']:.0f}",
        metric=metric_words(values["metric"], values["at"]),
        **rates,
    )


def _percent(rate: float) -> str:
    return _("{number} %", number=f"{100 * rate:.3g}")


FOUND_BY_MODELS: dict[str, Sentence] = {
    Code.GUESSED_CONTRACT: N_(
        "{model}: its contract is a guess by the size of its input alone, and other networks of {size} pixels want "
        "other crops and pixels: check it with facegap inspect FILE.onnx --on DATA, or say it with --preset or a TOML "
        "file"
    ),
    Code.UNIT_SCALE: _unit_scale,
    Code.NORMALISED_TWICE: _normalised_twice,
    Code.ZERO_EMBEDDINGS: _zero_embeddings,
    Code.CONSTANT_EMBEDDINGS: N_(
        "{model}: the model gives every image the same embedding and tells no two images apart, so all count as "
        "failed: is the file damaged, or is it fed other pixels than it wants?"
    ),
    Code.NO_SPREAD: _no_spread,
    Code.TEMPLATE_FAILURES: N_(
        "{model}: {failed} of {images} images failed, in {touched} of {templates} templates; templates without a "
        "usable image, which count as failed: {lost}"
    ),
    Code.NOT_RESOLVABLE: lambda values: _(
        "{model}: {impostor} impostor comparisons in {cohort} are too few for a threshold at FMR {fmr}; ask for a "
        "higher FMR or add subjects",
        **{**values, "fmr": f"{values['fmr']:g}"},
    ),
    Code.NOT_MEASURED: lambda values: _(
        "{metric} was asked for, but there is no threshold that it is measured at: choose one on another cohort, e.g. "
        "--threshold-from general --at fmr=1e-3, or give the model's own",
        metric=metric_name(values["metric"]),
    ),
    Code.PER_SUBJECT: _per_subject,
    Code.ONE_CARRIES: _one_carries,
}
"""By code."""
