"""Files that are almost right: seeds with bytes, words and JSON values changed at random."""

import json
from copy import deepcopy
from typing import Any

import numpy as np

TOKENS = [
    *(b"", b"\0", b"\xff", b"\xed\xa0\x80", b"\n", b"\r", b"\t", b",", b'"', b"'", b"=", b"[", b"]", b"{", b"}", b"-"),
    *(b"nan", b"inf", b"null", b"true", b"1e400", b"-1", b"9" * 5000, b"[" * 5000, b'{"a":' * 2000, b"\x1b]0;x\x07"),
    *("…".encode(), "若".encode(), b"\\ud800", b"\\u0000", b"*", b"^a$", b"%s", b"x" * 300, b"\xf0\x9f\x98\x80"),
]

VALUES: list[Any] = [
    *(None, True, False, 0, -1, 2**63, 2**70, 1e300, -1e-300, "", "nan", "a", "\x00", "\x1b[2J", "x" * 300, [], {}),
    *([[]], [None], ["a"], [1, "a"], {"a": 1}, [{}], "若" * 100, "^.*$", 0.5),
]


def of_bytes(seed: bytes, rng: np.random.Generator) -> bytes:
    """Return a seed with one or two places changed: cut off, taken out, doubled, overwritten or added to."""
    made = bytearray(seed)
    for _ in range(rng.integers(1, 3)):
        at, length = (int(rng.integers(0, max(1, n))) for n in (len(made) + 1, min(40, len(made) + 1)))
        kind = rng.integers(6)
        if kind == 0 and rng.integers(4) == 0:
            del made[at:]
        elif kind == 1:
            del made[at : at + length]
        elif kind == 2:
            made[at:at] = made[at : at + length]
        elif kind == 3:
            made[at : at + 1] = bytes([int(rng.integers(256))])
        else:
            made[at : at + (length if kind == 4 else 0)] = TOKENS[int(rng.integers(len(TOKENS)))]
    return bytes(made)


def of_json(seed: bytes, rng: np.random.Generator) -> bytes:
    """Return a JSON object with one to three of its values, wherever they stand, changed, taken out or added to."""
    made = json.loads(seed)
    for _ in range(rng.integers(1, 4)):
        _change(made, rng)
    return json.dumps(made).encode()


def _change(value: Any, rng: np.random.Generator) -> None:
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys:
        return
    key = keys[int(rng.integers(len(keys)))]
    if isinstance(value[key], dict | list) and value[key] and rng.random() < 0.85:
        _change(value[key], rng)
    elif rng.random() < 0.15:
        del value[key]
    elif rng.random() < 0.1 and isinstance(value, dict):
        value[f"more {key}"] = deepcopy(value[key])
    else:
        value[key] = deepcopy(VALUES[int(rng.integers(len(VALUES)))])
