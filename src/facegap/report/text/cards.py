"""What the card beside a model says: what it is, what from, and what it cannot claim."""

from collections.abc import Sequence

from facegap.report.text.formatting import threshold_text
from facegap.report.text.language import _, listed


def adapted(model: str, people: Sequence[str]) -> str:
    """Return what an adapted model is, and for whom."""
    return _("{model}, adapted by facegap to {people}.", model=model, people=listed(people))


def trained(people: Sequence[str]) -> str:
    """Return what a trained model is, and for whom."""
    return _("A face network, trained by facegap for {people}.", people=listed(people))


def linear_step(model: str, recipe: str, tried: int) -> str:
    """Return what was put behind a model, by which recipe, chosen among how many."""
    return _(
        "{model} with a linear step behind it: centring, within-subject whitening and shrinkage LDA ({recipe}; chosen "
        "among {tried} by cross-validation over subjects)",
        model=model,
        recipe=recipe,
        tried=tried,
    )


def recipe(backbone: str, start: str, *, margin: float, scale: float, epochs: int, auc: float) -> str:
    """Return how a network was trained; `start`: a file of weights, `random` or `timm`."""
    named = {"backbone": backbone, "epochs": epochs, "start": start}
    numbers = {"margin": format(margin, "g"), "scale": format(scale, "g"), "auc": format(auc, ".4f")}
    if start == "random":
        return _(
            "{backbone} from random weights, ArcFace with margin {margin} degrees and scale {scale}, at most {epochs} "
            "epochs; the best by AUC on the validation subjects ({auc}) was kept",
            **named,
            **numbers,
        )
    if start == "timm":
        return _(
            "{backbone} from timm's weights, ArcFace with margin {margin} degrees and scale {scale}, at most {epochs} "
            "epochs; the best by AUC on the validation subjects ({auc}) was kept",
            **named,
            **numbers,
        )
    return _(
        "{backbone} from {start}, ArcFace with margin {margin} degrees and scale {scale}, at most {epochs} epochs; the "
        "best by AUC on the validation subjects ({auc}) was kept",
        **named,
        **numbers,
    )


def given_weights() -> str:
    """Return what a network starts from where its file of weights is not to be named."""
    return _("given weights")


def contract(dimension: int | None, comparator: str, crop: str, size: int) -> list[str]:
    """Return how a file is used, a fact each."""
    return [
        _("{n} numbers, to be compared by {comparator}", n=dimension, comparator=comparator),
        _("crop {crop}, {size} pixels; the contract is in the file's metadata", crop=crop, size=size),
    ]


def licence(name: str) -> str:
    """Return under which licence a file is."""
    return _("licence: {licence}", licence=name) if name else _("licence: not said")


def licence_of(name: str, model: str) -> str:
    """Return under which licence a file is that was made of a model."""
    if name:
        return _("licence: {licence}", licence=name)
    return _("licence: that of {model}, whose contract does not say it", model=model)


def file_digest(sha256: str) -> str:
    """Return what identifies a file."""
    return _("sha256 of the file: `{sha256}`", sha256=sha256)


def base_digest(sha256: str) -> str:
    """Return what identifies the model that a file is made of."""
    return _("sha256 of the model it is made of: `{sha256}`", sha256=sha256)


def parts_differ(difference: float) -> str:
    """Return how exactly a file does what its parts do."""
    return _(
        "the file and its parts differ by {difference} of the greatest number, on real crops",
        difference=format(difference, ".0e"),
    )


def torch_differs(difference: float) -> str:
    """Return how exactly a file does what the trained network does."""
    return _("within {difference} of torch on real crops, in single precision", difference=format(difference, ".0e"))


def smaller_file(name: str, auc: float, whole_auc: float, cosine: float) -> str:
    """Return what a smaller file of a network loses."""
    return _(
        "{name}: validation AUC {auc} instead of {whole}; cosine with the whole network's embeddings at least {cosine}",
        name=name,
        auc=format(auc, ".4f"),
        whole=format(whole_auc, ".4f"),
        cosine=format(cosine, ".4f"),
    )


def no_threshold() -> str:
    """Return that no threshold comes with a model."""
    return _("suggested threshold: none, for there are too few impostor comparisons")


def threshold(value: float, rule: str, decided_by: str) -> str:
    """Return which threshold comes with a model, by which rule, and whose comparisons decided it."""
    return _(
        "suggested threshold: {threshold}, for {rule}; decided by {people}",
        threshold=threshold_text(value),
        rule=rule,
        people=decided_by,
    )


def data(images: int, sha256: str) -> list[str]:
    """Return from what a model was learnt, a fact each."""
    return [
        _(
            "{images} images with a face were learnt from; sha256 over them and their labels: `{sha256}`",
            images=images,
            sha256=sha256,
        ),
        _("split by subject; who has which role is listed in the file beside this one"),
    ]


def results(level: str) -> str:
    """Return on whom results stand."""
    return _("On subjects that were not learnt from, with {level} intervals over subjects.", level=level)


def still_failures() -> str:
    """Return what a linear step cannot mend."""
    return _(
        "Who is a failure to acquire for the model stays one: the step changes how embeddings compare, not which faces "
        "are found."
    )


def limits(*, others: bool) -> list[str]:
    """Return what no card can claim; `others`: whether it was measured what the model costs other people."""
    said = [
        _(
            "It was learnt from the people counted above and judged on others of the same data. Other cameras, ages, "
            "poses or people are not covered: evaluate it on yours."
        ),
        _("Intervals are over subjects; each holds for what was measured here."),
    ]
    if not others:
        unknown = _(
            "What it costs other people was not measured. Neither was how often the suggested threshold takes two of "
            "them for one person."
        )
        said.append(unknown)
    return said
