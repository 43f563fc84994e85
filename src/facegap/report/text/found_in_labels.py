"""The sentences of findings on who is in which image and in which cohort."""

from facegap.data.finding import FindingCode as Code
from facegap.report.text.language import _, in_a_row, listed, ngettext, with_more
from facegap.report.text.sentences import Sentence, Values
from facegap.run.text import N_, SHOWN

_WHY = {
    "no-separator": N_("no name holds a `_`, so every file is a subject of its own"),
    "none-alike": N_("no two names begin alike before their first `_`, so every file is a subject of its own"),
    "in-part": N_("what stands before the first `_` of a name may not be the whole subject"),
}
"""Why what stands before the first `_` may be no subject."""

QUOTED = ("cohort", "subject", "example")
"""Values that are names, which stand in quotation marks."""


def _named(message: str) -> Sentence:
    """Return what makes a sentence with its names in quotation marks."""
    return lambda values: _(message, **quoted(values))


def quoted(values: Values) -> Values:
    """Return the values with names in quotation marks."""
    return {**values, **{name: repr(values[name]) for name in QUOTED if name in values}}


def _unsure_prefix(values: Values) -> str:
    named = {"place": values["place"], "why": _(_WHY[values["why"]]), "example": repr(values["example"])}
    if not values["pattern"]:
        return _("{place}: {why} ({example}); --subject-from REGEX says what the subject is in a name", **named)
    return ngettext(
        "{place}: {why} ({example}); --subject-from {pattern} reads {n} subject in these names, not the {found} read "
        "now",
        "{place}: {why} ({example}); --subject-from {pattern} reads {n} subjects in these names, not the {found} read "
        "now",
        values["by_pattern"],
        **named,
        pattern=values["pattern"],
        n=values["by_pattern"],
        found=values["subjects"],
    )


def _several_forms(values: Values) -> str:
    forms = with_more([" = ".join(map(repr, forms)) for forms in values["forms"]], values["subjects"])
    named = {"subjects": values["subjects"], "forms": forms}
    if values["merged"]:
        return ngettext(
            "{subjects} subject in several forms: {forms}; taken for one person each",
            "{subjects} subjects in several forms: {forms}; taken for one person each",
            values["subjects"],
            **named,
        )
    return ngettext(
        "{subjects} subject in several forms: {forms}; taken for different people; --merge-ids takes each for one",
        "{subjects} subjects in several forms: {forms}; taken for different people; --merge-ids takes each for one",
        values["subjects"],
        **named,
    )


def _equal_names(values: Values) -> str:
    named = {"subjects": values["subjects"], "names": with_more(values["names"], values["subjects"])}
    if values["asked"]:
        return ngettext(
            "{subjects} subject name found in more than one input: {names}; kept apart",
            "{subjects} subject names found in more than one input: {names}; kept apart",
            values["subjects"],
            **named,
        )
    return ngettext(
        "{subjects} subject name found in more than one input: {names}; kept apart, as they are numbers; "
        "--same-subjects takes each for one person",
        "{subjects} subject names found in more than one input: {names}; kept apart, as they are numbers; "
        "--same-subjects takes each for one person",
        values["subjects"],
        **named,
    )


def _shared_subject(values: Values) -> str:
    pairs = zip(values["names"], values["cohorts"], strict=True)
    names = [_("{name} ({cohorts})", name=name, cohorts=in_a_row(cohorts)) for name, cohorts in pairs]
    return ngettext(
        "{subjects} subject found in more than one cohort: {names}; equal names are taken for one person; where they "
        "are two, --separate-subjects keeps those of two inputs apart, else rename them",
        "{subjects} subjects found in more than one cohort: {names}; equal names are taken for one person; where they "
        "are two, --separate-subjects keeps those of two inputs apart, else rename them",
        values["subjects"],
        subjects=values["subjects"],
        names=with_more(names, values["subjects"]),
    )


def _shared_across(values: Values) -> str:
    across = with_more(values["across"][:SHOWN], len(values["across"]))
    if values["most"]:
        across = _("{across}, the {most} pairs that share most", across=across, most=values["most"])
    return ngettext(
        "{subjects} subject in two cohorts or more, whose comparisons across have numbers of their own ({across}): "
        "equal names are one person; --separate-subjects keeps two inputs apart",
        "{subjects} subjects in two cohorts or more, whose comparisons across have numbers of their own ({across}): "
        "equal names are one person; --separate-subjects keeps two inputs apart",
        values["subjects"],
        subjects=values["subjects"],
        across=across,
    )


def _uneven_subjects(values: Values) -> str:
    named = {**quoted(values), "share": f"{100 * values['share']:.0f}", "five": f"{100 * values['share_of_five']:.0f}"}
    said = (
        _(
            "cohort {cohort}: {subject} makes {share} % of the genuine comparisons, the five largest of {subjects} "
            "subjects {five} %; FNMR and TAR depend on few people",
            **named,
        )
        if values["share_of_five"]
        else _(
            "cohort {cohort}: {subject} makes {share} % of the genuine comparisons of {subjects} subjects; FNMR and "
            "TAR depend on few people",
            **named,
        )
    )
    if not values["most_images"]:
        return _(
            "{finding}: list fewer comparisons of each subject, or let all subjects count the same, --weigh subjects",
            finding=said,
        )
    return _(
        "{finding}: facegap evaluate --most-images {limit:d} limits what one subject adds, --weigh subjects lets all "
        "count the same",
        finding=said,
        limit=values["most_images"],
    )


FOUND_IN_LABELS: dict[str, Sentence] = {
    Code.FOLDERS_IN_SUBJECTS: lambda values: ngettext(
        "{place}: subject folders hold folders, {folders} folder such as {example}, which are taken for more images of "
        "the subject; where these are the people, use --layout cohort-folders",
        "{place}: subject folders hold folders, {folders} folders such as {example}, which are taken for more images "
        "of the subject; where these are the people, use --layout cohort-folders",
        values["folders"],
        **quoted(values),
    ),
    Code.SEVERAL_PEOPLE_IN_FOLDERS: lambda values: _(
        "{place}: the files of a folder are named after several people, such as {people}; where the folders are "
        "cohorts, give each as an input of its own",
        place=values["place"],
        people=in_a_row(values["people"]),
    ),
    Code.UNSURE_PREFIX: _unsure_prefix,
    Code.COHORTS_OR_SUBJECTS: _named(
        N_(
            "{place}: folders in folders: {cohort} is taken for a cohort and {subject} for a subject; where the outer "
            "folders are the people, use --layout folders"
        )
    ),
    Code.FOLDERS_IN_COHORT_SUBJECTS: lambda values: ngettext(
        "{place}: subject folders hold folders, {folders} folder such as {example}; where these are the people, use "
        "--subject-from {pattern}",
        "{place}: subject folders hold folders, {folders} folders such as {example}; where these are the people, use "
        "--subject-from {pattern}",
        values["folders"],
        **{**quoted(values), "pattern": "'([^/]+/){2}(?P<subject>[^/]+)/'"},
    ),
    Code.SEVERAL_FORMS: _several_forms,
    Code.EQUAL_NAMES: _equal_names,
    Code.GUESSED_FROM_PAIRS: lambda values: ngettext(
        "{place}: no subjects are given: {subjects} subject are guessed from the genuine pairs, which link images of "
        "one; a person in two of these makes intervals too narrow; give subject_a and subject_b",
        "{place}: no subjects are given: {subjects} subjects are guessed from the genuine pairs, which link images of "
        "one; a person in two of these makes intervals too narrow; give subject_a and subject_b",
        values["subjects"],
        **values,
    ),
    Code.GUESSED_FROM_TEMPLATES: lambda values: ngettext(
        "{place}: no subjects are given: {subjects} subject are guessed from the genuine pairs, which link templates "
        "of one; a person in two of these makes intervals too narrow; give subject_a and subject_b",
        "{place}: no subjects are given: {subjects} subjects are guessed from the genuine pairs, which link templates "
        "of one; a person in two of these makes intervals too narrow; give subject_a and subject_b",
        values["subjects"],
        **values,
    ),
    Code.GUESSED_FROM_SCORES: N_(
        "{place}: no subjects are given: images that genuine comparisons link are taken for one subject, and an image "
        "without one for a subject of its own, so intervals may be too narrow; give subject_a and subject_b"
    ),
    Code.UNKNOWN_SUBJECTS: N_(
        "{place}: it is not known which images and subjects were compared, so there are no intervals, no significance, "
        "no cohorts and no failures to acquire; give path_a, path_b, subject_a and subject_b with the scores"
    ),
    Code.SHARED_SUBJECT: _shared_subject,
    Code.SHARED_ACROSS: _shared_across,
    Code.ONE_IMAGE_OF_TWO: lambda values: _(
        "one image is filed under {subjects}: mend the labels", subjects=listed([*map(repr, values["subjects"])])
    ),
    Code.SAME_BYTES_OF_TWO: lambda values: _(
        "the same image, byte for byte, is filed under {subjects}: mend the labels",
        subjects=listed([*map(repr, values["subjects"])]),
    ),
    Code.PAIRS_AT_ODDS: lambda values: ngettext(
        "{place}: found {pairs} pair at odds with the subjects, `same` between two subjects or not `same` within one: "
        "mend the labels",
        "{place}: found {pairs} pairs at odds with the subjects, `same` between two subjects or not `same` within one: "
        "mend the labels",
        values["pairs"],
        **values,
    ),
    Code.SCORES_AT_ODDS: lambda values: ngettext(
        "{place}: {comparisons} comparison at odds with the subjects: `same` decides what is genuine",
        "{place}: {comparisons} comparisons at odds with the subjects: `same` decides what is genuine",
        values["comparisons"],
        **values,
    ),
    Code.SAME_BYTES: _named(
        N_(
            "{files} files of {subject} are the same image, byte for byte, and make for perfect genuine comparisons: "
            "keep one"
        )
    ),
    Code.SCALED_GREY: _named(
        N_(
            "cohort {cohort} has photos in grey of {depth} bits, of which the first uses {bits}: each is scaled by the "
            "bits that it uses, here so that {white} is white"
        )
    ),
    Code.EMPTY_COHORT: _named(N_("cohort {cohort} has no images: check its folder or leave it out")),
    Code.SINGLE_IMAGE: lambda values: _(
        "cohort {cohort}: subjects with one image, which take part in impostor comparisons only: {single} of "
        "{subjects} ({names})",
        **{**quoted(values), "names": with_more(values["names"], values["single"])},
    ),
    Code.COHORT_WITHOUT_GENUINE: _named(
        N_(
            "cohort {cohort} has no genuine comparison, so its AUC and FNMR are undefined: add a second image of some "
            "subjects"
        )
    ),
    Code.GENUINE_ELSEWHERE: lambda values: _(
        "cohort {cohort} has no genuine comparison of its own, so its AUC and FNMR are undefined: those of its "
        "subjects are in {across}",
        cohort=repr(values["cohort"]),
        across=with_more(values["across"][:SHOWN], len(values["across"])),
    ),
    Code.COHORT_OF_ONE: _named(
        N_(
            "cohort {cohort} has one subject, {subject}, and no impostor comparison, so its AUC and FMR are undefined: "
            "add subjects"
        )
    ),
    Code.PAIRS_WITHOUT_GENUINE: N_("the list of pairs has no genuine comparison, so the AUC is undefined: add some"),
    Code.PAIRS_WITHOUT_IMPOSTOR: N_("the list of pairs has no impostor comparison, so the AUC is undefined: add some"),
    Code.SCORES_WITHOUT_GENUINE: N_("the scores have no genuine comparison, so the AUC is undefined: add some"),
    Code.SCORES_WITHOUT_IMPOSTOR: N_("the scores have no impostor comparison, so the AUC is undefined: add some"),
    Code.UNEVEN_SUBJECTS: _uneven_subjects,
    Code.HIDDEN_CONFLICT: N_(
        "images are filed under two subjects, or comparisons contradict each other: mend the labels"
    ),
    Code.HIDDEN_UNSURE: N_("names or folders may mean other subjects; a report that is not anonymous says which"),
    Code.HIDDEN_FORMS: N_("ids of subjects are written in several forms; a report that is not anonymous says which"),
    Code.HIDDEN_NAMES: N_("equal names of subjects in several inputs, which were kept apart"),
    Code.HIDDEN_GUESSED: N_("no subjects are given: genuine pairs tell them, so intervals may be too narrow"),
}
"""By code."""
