"""Rules that a finished evaluation must keep, judged by their intervals: what stops a model's pipeline on a gap."""

from facegap.jobs.check.judge import Judgement, Verdict, check, not_worse
from facegap.jobs.check.junit import junit_xml
from facegap.jobs.check.limit_rules import limit_rules

__all__ = ["Judgement", "Verdict", "check", "junit_xml", "limit_rules", "not_worse"]
