"""Keeping the libraries below from talking: facegap itself says what a person needs to know."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

TALKATIVE = ("lightning.pytorch", "lightning.fabric", "torch.onnx", "onnxscript", "timm", "huggingface_hub", "httpx")


@contextmanager
def quiet() -> Iterator[None]:
    """Silence notes and warnings of the training libraries, which are addressed to programmers."""
    loggers = [logging.getLogger(name) for name in TALKATIVE]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
