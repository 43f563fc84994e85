"""What must stand above all numbers of an evaluation, in the language of the reader."""

from facegap.data.evaluation import Evaluation
from facegap.metrics.measure import REJECTED
from facegap.report.text.language import _, current_language, paragraph


def notice_text(evaluation: Evaluation) -> str:
    """Return the notice of an evaluation, "" where there is none.

    What was given as a text in one language alone stays as it is.
    """
    given = evaluation.notice.removesuffix(REJECTED).rstrip()
    own = evaluation.notices.get(current_language(), given)
    rejected = _(REJECTED) if evaluation.notice.endswith(REJECTED) else ""
    return paragraph([one for one in (own, rejected) if one])
