"""What peers took is multiplied by pairs, and said; a peer that cannot be had is named and left out."""

from dataclasses import replace

import pytest
from benchmarks.peers.environment import Absent, Peer, run
from benchmarks.sizes import QUICK

from benchmarks import sweep

NOWHERE = Peer("nowhere 1", ("./no-such-folder",), "nothing")


def test_times_grow_with_the_pairs():
    one = sweep.Run("a", "", 600, 2.0, "", 0.9)
    assert one.at(600) == 2.0
    assert one.at(3000) == pytest.approx(2.0 * (3000 * 2999) / (600 * 599))


def test_what_is_done_at_each_threshold_counts_a_hundred_times():
    sizes = replace(QUICK, sweep=60, loop=30)
    found = sweep.sweep(sizes, peers=(), say=lambda line: None)
    assert [row[0] for row in found.rows] == ["the usual script", "scikit-learn"]
    assert all(float(row[-1]) < 1e-9 for row in found.rows)
    assert "+ 100 thresholds x" in found.notes[0]
    assert "for the 435 pairs of 30 images, x 4.069 for 1,770 pairs =" in found.notes[0]
    assert [goal.wanted for goal in found.goals] == [1000]


def test_a_peer_that_cannot_be_installed_is_left_out(monkeypatch):
    def refuse(peer, population):
        raise Absent("no such package")

    monkeypatch.setattr(sweep, "run_peer", refuse)
    found = sweep.sweep(replace(QUICK, sweep=40, loop=20, peer=20), peers=(NOWHERE,), say=lambda line: None)
    assert len(found.rows) == 2
    assert found.notes[-1] == "nowhere 1 is left out, because it cannot be installed or run here: no such package"


def test_an_installation_that_fails_is_a_line(tmp_path):
    with pytest.raises(Absent, match="no-such-folder"):
        run(NOWHERE, tmp_path / "population.npz", tmp_path)
