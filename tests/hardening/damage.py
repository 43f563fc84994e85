"""Ways in which a file loses what was written to it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np


def flip_a_bit(data: bytearray, rng: np.random.Generator) -> bytearray:
    data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
    return data


def cut_short(data: bytearray, rng: np.random.Generator) -> bytearray:
    return data[: int(rng.integers(len(data)))]


def blank_a_block(data: bytearray, rng: np.random.Generator) -> bytearray:
    start = int(rng.integers(len(data)))
    wiped = bytes(min(512, len(data) - start))
    return data[:start] + (wiped if data[start : start + 512] != wiped else b"\xff") + data[start + len(wiped) :]


def lose_a_byte(data: bytearray, rng: np.random.Generator) -> bytearray:
    at = int(rng.integers(len(data)))
    return data[:at] + data[at + 1 :]


def gain_bytes(data: bytearray, rng: np.random.Generator) -> bytearray:
    return data + rng.bytes(int(rng.integers(1, 64)))


def scramble(data: bytearray, rng: np.random.Generator) -> bytearray:
    start = int(rng.integers(len(data)))
    return data[:start] + rng.bytes(16) + data[start + 16 :]


DAMAGES: tuple[Callable[[bytearray, np.random.Generator], bytearray], ...] = (
    flip_a_bit, cut_short, blank_a_block, lose_a_byte, gain_bytes, scramble,
)  # fmt: skip


def damage(path: Path, rng: np.random.Generator) -> None:
    """Damage a file in one of these ways."""
    before = path.read_bytes()
    after = DAMAGES[int(rng.integers(len(DAMAGES)))](bytearray(before), rng)
    assert after != before
    path.write_bytes(after)
