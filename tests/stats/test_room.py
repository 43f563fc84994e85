"""The room itself: small, and without a word of what it is used for."""

import ast
import re
from pathlib import Path

import facegap.stats
from facegap.metrics.registry import registered

ROOM = Path(facegap.stats.__file__).parent
TEXTS = {path.name: path.read_text() for path in ROOM.glob("*.py")}


def test_no_metric_is_known_by_name():
    directed = {one.name for one in registered() if one.higher_is_better is not None}
    names = {*directed, "genuine", "impostor", "cohort", "threshold"} - {"precision"}
    for file, text in TEXTS.items():
        assert not re.findall(rf"\b({'|'.join(names)})\b", text, re.IGNORECASE), file


def test_it_stands_on_nothing_but_numpy_and_scipy():
    outside = {"numpy", "scipy", "collections", "dataclasses", "enum", "functools", "math", "operator", "typing"}
    for file, text in TEXTS.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                assert module.split(".")[0] in outside or module.startswith("facegap.stats"), (file, module)


def test_every_constant_says_where_it_comes_from():
    for file, text in TEXTS.items():
        body = ast.parse(text).body
        for node, after in zip(body, [*body[1:], None], strict=True):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                assert said, (file, ast.unparse(node))


def test_the_room_stays_small():
    assert sum(text.count("\n") for text in TEXTS.values()) < 500
