"""Reading data sets, with errors that also say what was found in the data on the way."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from facegap import datasets
from facegap.errors import InputError
from facegap.report.text.findings import with_findings

Asked = ParamSpec("Asked")
Read = TypeVar("Read")


def _in_words(reading: Callable[Asked, Read]) -> Callable[Asked, Read]:
    @wraps(reading)
    def read(*args: Asked.args, **options: Asked.kwargs) -> Read:
        try:
            return reading(*args, **options)
        except InputError as error:
            raise with_findings(error) from None

    return read


read = _in_words(datasets.read)
read_source = _in_words(datasets.read_source)
