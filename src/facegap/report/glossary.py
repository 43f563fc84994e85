"""The words of the report, and the words other people use for the same things."""

GLOSSARY = (
    ("Subject", "name, label, identity, class", "One person; every image shows one."),
    ("Cohort", "group", "The images that share an attribute, or one input folder given a name."),
    ("Genuine comparison", "positive pair", "A comparison of two images of the same subject."),
    ("Impostor comparison", "negative pair", "A comparison of two images of different subjects."),
    ("Embedding", "encoding, descriptor, feature", "What the model makes of one image."),
    ("Comparator", "metric", "How two embeddings become a score: Euclidean distance or cosine similarity."),
    (
        "Score, threshold",
        "distance, similarity, tolerance",
        "A comparison is accepted where its distance is at most, or its similarity at least, the threshold.",
    ),
    ("FMR", "FAR, FPR", "False match rate: the share of impostor comparisons that are accepted."),
    ("FNMR", "FRR, 1 − TPR", "False non-match rate: the share of genuine comparisons that are rejected."),
    (
        "TAR@FMR=f",
        "TPR at FPR, recall",
        "1 − FNMR at the loosest threshold whose FMR does not exceed f, shown with the FMR reached there.",
    ),
    ("FTA", "silently dropped images", "Failure to acquire: the share of images from which no embedding could be had."),
    ("AUC", "ROC-AUC", "The chance that a genuine comparison scores closer than an impostor one; ties count one half."),
    ("EER", "", "Equal error rate: where FMR and FNMR are the same."),
    (
        "Best F1",
        "",
        "The highest F1 over all thresholds, tuned on the very comparisons it is judged on. It falls with the share "
        "of genuine comparisons, so it cannot be set beside an F1 from other data.",
    ),
    ("pAUC", "partial AUC", "Area under the ROC curve at low FMR, scaled so that chance is 0.5 and perfection 1."),
    ("d′", "d prime", "Distance of the mean genuine and impostor score in units of their pooled deviation."),
    ("DET curve", "", "Detection error trade-off: FNMR over FMR."),
    ("Own, common images", "", "Own: all images a model could embed. Common: those that every model could embed."),
    ("not resolvable", "", "The data hold too few comparisons to say anything at that point."),
)
"""Word, other words for it, meaning."""
