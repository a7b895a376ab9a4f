# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Request rates, polls and waits after errors, under a clock that does not tick by itself."""

from __future__ import annotations

import os
import tempfile

import pytest
from ansible_collections.reforge.cloud.plugins.module_utils.pacing import (
    Pacer,
    SharedSlots,
    backoff,
    poll_delay,
    shared_pacer,
)
from hypothesis import given
from hypothesis import strategies as st


class Crowd:
    """A clock at which many threads wait at the same time: a sleep tells when its thread wakes, and moves nothing."""

    def __init__(self):
        self.now, self.woken = 50.0, []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.woken.append(self.now + seconds)


def busiest(moments):
    """The most moments that lie in any window of one second."""
    return max(sum(start <= moment < start + 1.0 for moment in moments) for start in moments)


@given(rate=st.integers(1, 50), gaps=st.lists(st.floats(0, 3), min_size=1, max_size=120))
def test_no_second_ever_holds_more_requests_than_the_rate(rate, gaps):
    crowd, sent = Crowd(), []
    pacer = Pacer(crowd)
    for gap in gaps:
        crowd.now += gap
        crowd.woken.clear()
        pacer.wait("A", rate)
        sent.append(crowd.woken[0] if crowd.woken else crowd.now)
    assert busiest(sent) <= rate


@given(rate=st.integers(1, 20), count=st.integers(1, 60))
def test_threads_that_come_together_get_different_slots(rate, count):
    crowd = Crowd()
    pacer = Pacer(crowd)
    for _thread in range(count):
        pacer.wait("A", rate)
    assert busiest([crowd.now, *crowd.woken]) <= rate and len(set(crowd.woken)) == count - 1


def test_processes_that_share_a_folder_share_the_rate(tmp_path, clock):
    pacers = [Pacer(clock, SharedSlots(str(tmp_path / "slots"), "account")) for _process in range(3)]
    moments = []
    for _round in range(4):
        for pacer in pacers:
            pacer.wait("A", 2)
            moments.append(clock.monotonic())
    assert busiest(moments) <= 2


def test_accounts_do_not_share_a_rate_and_no_name_of_one_is_stored(tmp_path, clock):
    for account in ("one", "two"):
        Pacer(clock, SharedSlots(str(tmp_path), account)).wait("A", 1)
    assert clock.slept == [] and len(list(tmp_path.iterdir())) == 2
    assert not [path for path in tmp_path.iterdir() if "one" in path.name or "one" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("left", ["", "soon", "1e12"])
def test_what_is_left_of_another_start_of_the_machine_makes_nobody_wait(tmp_path, clock, left):
    slots = SharedSlots(str(tmp_path), "account")
    slots.take("A", 1.0, 1000.0)
    (file,) = tmp_path.iterdir()
    file.write_text(left, encoding="utf-8")
    assert slots.take("A", 1.0, 1000.0) == 1000.0


def test_without_a_folder_to_share_a_process_keeps_the_rate_by_itself(tmp_path, clock, monkeypatch):
    (tmp_path / f"reforge-cloud-{os.getuid()}").write_text("in the way", encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pacer = shared_pacer(clock, "account")
    for _request in range(3):
        pacer.wait("A", 1)
    assert len(clock.slept) == 2 and pacer.waited == pytest.approx(sum(clock.slept))


def test_where_no_rate_is_documented_nothing_waits(clock):
    pacer = Pacer(clock)
    for _request in range(9):
        pacer.wait("A", 0)
    assert clock.slept == []


def test_actions_do_not_wait_for_each_other(clock):
    pacer = Pacer(clock)
    pacer.wait("A", 1)
    pacer.wait("B", 1)
    assert clock.slept == []


@pytest.mark.parametrize("elapsed, delay", [
    (0, 0.4), (2.9, 0.4), (3, 1.0), (10, 1.0), (20, 1.0), (60, 3.0), (300, 15.0), (9999, 30.0),
])
def test_polls_grow_with_the_time_that_was_waited(elapsed, delay):
    assert poll_delay(elapsed, lambda: 0.5) == pytest.approx(delay)


@pytest.mark.parametrize("attempt, delay", [(0, 1.0), (1, 2.0), (3, 8.0), (4, 15.0), (99, 15.0), (1000, 15.0)])
def test_waits_after_errors_double_up_to_a_limit(attempt, delay):
    assert backoff(attempt, lambda: 0.5) == pytest.approx(delay)


@given(st.floats(0, 1))
def test_jitter_is_a_tenth_to_either_side(chance):
    for wait in (poll_delay(100, lambda: chance), backoff(2, lambda: chance)):
        assert 0.899 <= wait / (5.0 if wait > 4.45 else 4.0) <= 1.101
