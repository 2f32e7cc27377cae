"""torch runs no more threads than other processes leave cores free."""

from __future__ import annotations

import pytest
import torch

from headatlas.models import threads


@pytest.fixture
def machine(monkeypatch):
    """A machine of four cores whose clocks the test moves: seconds, this process's, everybody's."""
    clocks = [0.0, 0.0, 0.0]
    monkeypatch.setattr(threads, "_times", lambda: tuple(clocks))
    monkeypatch.setattr(threads.psutil, "cpu_count", lambda: 4)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    torch.set_num_threads(4)

    def spend(seconds: float, own: float, others: float) -> int:
        """Threads in which it was computed: `own` and `others` are cores in use."""
        clocks[0] += seconds
        clocks[1] += own * seconds
        clocks[2] += (own + others) * seconds
        return torch.get_num_threads()

    yield spend
    torch.set_num_threads(before)


@pytest.mark.parametrize(("others", "expected"), [(0.0, 4), (0.3, 4), (1.0, 3), (1.9, 2), (3.0, 1), (4.0, 1)])
def test_cores_of_others_are_left_to_them(machine, others, expected):
    with threads.ThreadShare() as share:
        assert share(lambda: machine(2.0, own=4 - others, others=others)) == 4
        assert torch.get_num_threads() == expected
    assert torch.get_num_threads() == 4


def test_cores_that_are_free_again_are_used(machine):
    with threads.ThreadShare() as share:
        share(lambda: machine(2.0, own=1.5, others=2.5))
        assert torch.get_num_threads() == 2
        share(lambda: machine(2.0, own=2.0, others=0.0))
        assert torch.get_num_threads() == 4


def test_short_parts_are_measured_together(machine):
    with threads.ThreadShare() as share:
        share(lambda: machine(0.3, own=1.0, others=3.0))
        assert torch.get_num_threads() == 4
        share(lambda: machine(0.3, own=1.0, others=3.0))
        assert torch.get_num_threads() == 1


def test_a_number_that_was_chosen_is_kept(machine, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    with threads.ThreadShare() as share:
        share(lambda: machine(2.0, own=1.0, others=3.0))
        assert torch.get_num_threads() == 4
