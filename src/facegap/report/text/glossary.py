"""The words of the report, and the words other people use for the same things."""

from collections.abc import Collection

from facegap.metrics.registry import Metric, metric, registered
from facegap.report.text.language import _
from facegap.run.text import N_

ORDER = ("fmr", "fnmr", "tar", "fta", "auc", "eer", "f1", "pauc", "d_prime")
"""In which order the words of the standing metrics come; those of others come after them."""

BEFORE = (
    (N_("Subject"), N_("name, label, identity, class"), N_("One person; every image shows one.")),
    (N_("Cohort"), N_("group"), N_("The images that share an attribute, or one input folder given a name.")),
    (N_("Genuine comparison"), N_("positive pair"), N_("A comparison of two images of the same subject.")),
    (N_("Impostor comparison"), N_("negative pair"), N_("A comparison of two images of different subjects.")),
    (N_("Embedding"), N_("encoding, descriptor, feature"), N_("What the model makes of one image.")),
    (N_("Comparator"), N_("metric"), N_("How two embeddings become a score: Euclidean distance or cosine similarity.")),
    (
        N_("Score, threshold"),
        N_("distance, similarity, tolerance"),
        N_("A comparison is accepted where its distance is at most, or its similarity at least, the threshold."),
    ),
)
"""Word, other words for it, meaning: what comes before the metrics."""

AFTER = (
    (N_("DET curve"), "", N_("Detection error trade-off: FNMR over FMR.")),
    (
        N_("Own, common images"),
        "",
        N_("Own: all images a model could embed. Common: those that every model could embed."),
    ),
    (N_("not resolvable"), "", N_("The data hold too few comparisons to say anything at that point.")),
    (
        N_("Interval"),
        N_("confidence interval, error bar"),
        N_(
            "Where the true number plausibly lies. Of many studies like this one, 95 in 100 would give a 95 % "
            "interval that holds it. Narrower means surer; a rate of 0 % still has an upper end, set by the number of"
            " subjects."
        ),
    ),
    (
        N_("Why subjects count"),
        N_("clustered data"),
        N_(
            "The unit is the person, not the comparison. Ten thousand comparisons among fifty people say what fifty "
            "people can say: comparisons that share a person tend to err together. Intervals that count comparisons "
            "are far too narrow."
        ),
    ),
    (
        N_("Jackknife"),
        N_("leave one out"),
        N_(
            "How the intervals are made: every number is worked out again without each person in turn. How much it "
            "moves says how sure it is."
        ),
    ),
)
"""What comes after the metrics, up to how many people stand behind a number."""

LAST = (
    (
        N_("p-value"),
        N_("significance"),
        N_(
            "If there were no difference at all, how often a study like this one would show at least as large a "
            "difference by chance. Small means that chance is a poor explanation; it says nothing about how large the"
            " difference is."
        ),
    ),
    (
        N_("Holm"),
        N_("correction for multiple testing"),
        N_(
            "Who compares often finds something by chance. Holm's adjustment raises the p-values of all claims about "
            "models, or about cohorts, so that the chance of even one false claim among them stays below one minus "
            "the level, e.g. 5 %."
        ),
    ),
    (
        N_("Paired"),
        "",
        N_(
            "Two models are compared on the same images of the same people, so that people who are easy or hard for "
            "both cancel out. That shows smaller differences than two separate intervals would."
        ),
    ),
    (
        N_("Significant, not significant"),
        "",
        N_(
            "A difference is significant where its adjusted p-value is below one minus the level. Where it is not, the "
            "data are undecided; that is no proof that there is none."
        ),
    ),
    (
        N_("Non-inferiority"),
        N_("equivalence"),
        N_(
            "To show that one model or cohort is not worse than another by more than a margin named beforehand: the "
            "whole interval of the difference must lie on the right side of the margin. A large p-value does not show"
            " it."
        ),
    ),
    (
        N_("Minimum detectable difference"),
        N_("power, minimum detectable effect"),
        N_(
            "How large a true difference must be to be significant in 80 of 100 studies like this one. Smaller ones "
            "often stay unseen: more subjects lower it, more images of the same subjects hardly do. It is for one "
            "comparison alone; among many it takes more."
        ),
    ),
    (
        N_("Point"),
        N_("percentage point"),
        N_("The unit of a difference between two rates: from 5 % to 8 % is 3 points."),
    ),
    (N_("Differential"), N_("bias, gap"), N_("A difference or a ratio between cohorts, always naming both.")),
    (
        N_("max/min, max/geomean"),
        "",
        N_(
            "The highest rate of any cohort over the lowest, or over the geometric mean of all. 1 is equal (NIST IR "
            "8429)."
        ),
    ),
    (
        N_("FDR"),
        N_("fairness discrepancy rate"),
        N_(
            "1 minus the mean of the largest differences between cohorts in FMR and in FNMR. 1 is equal (de Freitas "
            "Pereira & Marcel 2022)."
        ),
    ),
    (
        N_("IR"),
        N_("inequity rate"),
        N_("The geometric mean of the ratios max/min of FMR and of FNMR. 1 is equal (NIST IR 8429)."),
    ),
    (
        N_("GARBE"),
        N_("Gini aggregation rate"),
        N_("The mean of the Gini coefficients of FMR and of FNMR over cohorts. 0 is equal (Howard et al. 2022)."),
    ),
    (
        N_("Goat, lamb, wolf"),
        N_("Doddington's zoo"),
        N_(
            "People who cause more than their share of errors. A goat is often rejected as itself; a lamb is easily "
            "taken for others, a wolf easily passes as others. Where every image is compared with every other, the "
            "two are one."
        ),
    ),
    (
        N_("Worm, dove, chameleon, phantom"),
        N_("biometric menagerie"),
        N_(
            "Subjects whose mean scores are both in the closest or the farthest quarter. Worm: unlike itself, like "
            "others, the worst. Dove: like itself, unlike others. Chameleon: like both. Phantom: like neither (Yager "
            "& Dunstone 2010)."
        ),
    ),
)
"""What comes after that."""


def glossary(measured: Collection[str]) -> list[tuple[str, str, str]]:
    """Return word, other words for it or "", and meaning, in the order of the page.

    `measured`: the names of the metrics of an evaluation; one that was asked for has its word only where it is.
    """
    words = [one.word for one in sorted(registered(), key=_place) if one.word and _belongs(one, measured)]
    effective = metric("effective_subjects").word
    assert effective is not None
    each = [*BEFORE, *(word for word in words if word is not effective), *AFTER, effective, *LAST]
    return [(_(word), _(others) if others else "", _(meaning)) for word, others, meaning in each]


def _place(one: Metric) -> int:
    return ORDER.index(one.name) if one.name in ORDER else len(ORDER)


def _belongs(one: Metric, measured: Collection[str]) -> bool:
    return one.standing or one.name in measured
