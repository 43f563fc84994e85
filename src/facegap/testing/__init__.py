"""Conformance suites for embedders, detectors and executors: call them from the tests of a plug-in.

Each raises AssertionError with a message that says which promise is broken.
"""

from facegap.testing.detector_suite import check_detector
from facegap.testing.embedder_suite import check_embedder
from facegap.testing.executor_suite import check_executor

__all__ = ["check_detector", "check_embedder", "check_executor"]
