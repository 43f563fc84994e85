"""Rules that a finished evaluation must keep, judged by their intervals: what stops a model's pipeline on a gap."""

from facegap.gate.judge import Judgement, Verdict, check
from facegap.gate.junit import junit_xml

__all__ = ["Judgement", "Verdict", "check", "junit_xml"]
