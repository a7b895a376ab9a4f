# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Request rates, polls and waits after errors, under a clock that does not tick by itself."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ansible_collections.reforge.cloud.plugins.module_utils.api.pace import SHARE, Pace, pace_of
from ansible_collections.reforge.cloud.plugins.module_utils.api.pacers import pacer_for
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import (
    REPORTED_FROM,
    STRETCH_GAP,
    Pacer,
    RateWait,
    interval_of,
)
from ansible_collections.reforge.cloud.plugins.module_utils.api.slots import SharedSlots
from ansible_collections.reforge.cloud.plugins.module_utils.core.delays import backoff, poll_delay


class Crowd:
    """A clock at which many threads wait at the same time: a sleep tells when its thread wakes, and moves
    nothing.
    """

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


@given(
    rate=st.integers(1, 50),
    begins=st.lists(st.floats(0, 1), min_size=1, max_size=5),
    count=st.integers(1, 30),
)
def test_callers_that_share_nothing_keep_a_documented_rate_in_any_second_by_a_part_each(rate, begins, count):
    moments = []
    for begin in begins:
        crowd = Crowd()
        crowd.now += begin
        pacer = Pacer(crowd, share=len(begins))
        for _request in range(count):
            pacer.wait("A", rate)
        moments += [crowd.now, *crowd.woken]
    # With fewer requests in a second than callers, each may send one.
    assert busiest(moments) <= max(rate, len(begins))


def test_a_share_leaves_alone_a_rate_that_has_to_be_found():
    crowd = Crowd()
    pacer = Pacer(crowd, share=100)
    for _request in range(2):
        pacer.wait("A", 0)
    assert crowd.woken == [pytest.approx(crowd.now + 0.05, abs=0.01)]


def test_accounts_do_not_share_a_rate_and_no_name_of_one_is_stored(tmp_path, clock):
    for account in ("one", "two"):
        Pacer(clock, SharedSlots(str(tmp_path), account)).wait("A", 1)
    assert clock.slept == [] and len(list(tmp_path.iterdir())) == 2
    assert not [
        path for path in tmp_path.iterdir() if "one" in path.name or "one" in path.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize(
    "left", ["", "soon", "1e12", "{}", json.dumps(Pace(next_at=1e12, interval=1.0)._asdict())]
)
def test_what_is_left_of_another_start_of_the_machine_makes_nobody_wait(tmp_path, clock, left):
    slots = SharedSlots(str(tmp_path), "account")
    slots.take("A", 1.0, 1000.0)
    (file,) = tmp_path.iterdir()
    file.write_text(left, encoding="utf-8")
    assert slots.take("A", 1.0, 1000.0).slot == 1000.0


def test_a_pace_is_the_same_after_it_was_written_down():
    pace = Pace().taken(0.0, 1000.0).crossed(0.0, 1000.5).taken(0.0, 1002.0)
    assert pace_of(json.dumps(pace._asdict())) == pace


def test_without_a_folder_to_share_a_process_keeps_the_rate_by_itself(tmp_path, clock, monkeypatch):
    (tmp_path / f"reforge-cloud-{os.getuid()}").write_text("in the way", encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pacer = pacer_for(clock, "account", "/a/file")
    for _request in range(3):
        pacer.wait("A", 1)
    assert len(clock.slept) == 2


@pytest.mark.parametrize("left", ["nothing", "a file in its place"])
def test_a_folder_that_vanishes_on_the_way_ends_no_call_and_the_rate_is_kept(
    tmp_path, clock, monkeypatch, left
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pacer, folder = pacer_for(clock, "account", "/a/file"), tmp_path / f"reforge-cloud-{os.getuid()}"
    pacer.wait("A", 1)
    shutil.rmtree(folder)
    if left != "nothing":
        folder.write_text("in the way", encoding="utf-8")
    for _request in range(3):
        pacer.wait("A", 1)
    assert len(clock.slept) == 2  # the first one there knows nothing of those before it
    assert folder.is_dir() is (left == "nothing")


def test_where_no_rate_is_documented_requests_begin_slow_and_soon_wait_no_longer(clock):
    pacer, began = Pacer(clock), clock.monotonic()
    for _request in range(250):
        pacer.wait("A", 0)
    assert clock.slept[0] == pytest.approx(0.05, abs=0.01) and clock.slept[-1] < 0.006
    assert clock.monotonic() - began < 4.0


@dataclass
class Vendor:
    """A server with a limit per second, in windows that are fixed or slide, and threads that keep calling
    it.
    """

    limit: int
    seconds: float  # that a request takes, there and back
    sliding: bool = False
    jitter: float = 0.0  # seconds that the way there takes longer, at random
    chance: Random = field(default_factory=lambda: Random(1))
    arrived: list[float] = field(default_factory=list)
    refused: int = 0

    def accepts(self, now: float) -> bool:
        since = now - 1.0 if self.sliding else math.floor(now)
        # What is refused counts in a fixed window, where it changes nothing, and not in one that slides.
        if sum(moment > since if self.sliding else moment >= since for moment in self.arrived) >= self.limit:
            self.refused += 1
            return False
        self.arrived.append(now)
        return True

    def serve(self, documented: float, calls: int, began: float, threads: int = 8) -> Pace:
        """Let threads share the calls; a call that is refused is made again."""
        pace, serial = Pace(), count()
        events: list[Any] = [(began, next(serial), "ask", 0.0) for _thread in range(threads)]
        while events:
            now, _serial, kind, asked_at = heappop(events)
            if kind == "ask" and calls:
                calls, pace = calls - 1, pace.taken(documented, now)
                heappush(events, (pace.slot, next(serial), "send", now))
            elif kind == "send" and not documented and pace.slowed_since(asked_at):
                pace = pace.taken(documented, now)
                heappush(events, (pace.slot, next(serial), "send", now))
            elif kind == "send":
                way = self.seconds / 2 + self.jitter * self.chance.random()
                heappush(events, (now + way, next(serial), "arrive", 0.0))
            elif kind == "arrive":
                if not self.accepts(now):
                    calls, pace = calls + 1, pace.crossed(documented, now + self.seconds / 2)
                heappush(events, (now + self.seconds / 2, next(serial), "ask", 0.0))
        return pace


BEGAN = st.floats(1000.0, 1001.0)


@given(
    limit=st.integers(5, 60), seconds=st.sampled_from([0.005, 0.05, 0.1]), sliding=st.booleans(), began=BEGAN
)
def test_the_pace_is_found_at_a_cost_of_few_refusals(limit, seconds, sliding, began):
    vendor = Vendor(limit, seconds, sliding)
    vendor.serve(0.0, 250, began)
    assert vendor.refused <= 0.05 * (250 + vendor.refused)
    assert 250 / (vendor.arrived[-1] - began) >= 0.5 * limit


@given(rate=st.sampled_from([10, 20, 40]), began=BEGAN)
def test_a_documented_rate_is_used_closely_and_few_are_refused_although_ways_differ(rate, began):
    vendor = Vendor(rate, 0.02, jitter=0.05)
    vendor.serve(interval_of(rate), 400, began)
    assert vendor.refused == 0 and 400 / (vendor.arrived[-1] - began) >= 0.89 * rate


@pytest.mark.parametrize("jitter, used", [(0.05, 0.89), (0.1, 0.88), (0.3, 0.8)])
@pytest.mark.parametrize("rate", [10, 20, 40])
def test_the_more_the_ways_differ_the_less_of_a_documented_rate_is_used(rate, jitter, used):
    refused, seconds = 0, 0.0
    for seed in range(20):
        vendor, began = Vendor(rate, 0.02, jitter=jitter, chance=Random(seed)), 1000.0 + seed / 20
        vendor.serve(interval_of(rate), 400, began)
        refused, seconds = refused + vendor.refused, seconds + vendor.arrived[-1] - began
    assert refused <= 0.005 * 20 * 400 and 20 * 400 / seconds >= used * rate


@pytest.mark.parametrize("limit", [5, 10, 20, 40])
def test_where_no_rate_is_documented_ways_that_differ_cost_few_refusals_too(limit):
    refused = 0
    for seed in range(20):
        vendor = Vendor(limit, 0.05, sliding=seed % 2 == 0, jitter=0.3, chance=Random(seed))
        vendor.serve(0.0, 250, 1000.0 + seed / 20)
        refused += vendor.refused
    assert refused <= 0.05 * 20 * 250


def test_where_others_use_the_account_too_a_documented_rate_is_eased_off_and_taken_up_again():
    pace = Pace().taken(0.1, 1000.0).crossed(0.1, 1000.1).crossed(0.1, 1000.2)
    assert pace.interval == pytest.approx(0.115)
    for _request in range(1200):
        pace = pace.taken(0.1, pace.next_at)
    assert pace.interval == 0.1


def test_an_action_that_was_not_used_for_long_begins_anew():
    found = Pace().taken(0.0, 1000.0).crossed(0.0, 1000.1)
    assert found.taken(0.0, 1700.0) == Pace().taken(0.0, 1700.0)


@pytest.fixture
def told(clock):
    """A pacer, and what it tells."""
    pacer, waits = Pacer(clock), []
    pacer.tell = waits.append
    return pacer, waits


def test_a_long_wait_is_told_before_it_begins_and_counted(clock, told):
    pacer, waits = told
    pacer._slots.change(
        "A", lambda pace: Pace(next_at=clock.monotonic() + 12.0, interval=0.1)
    )  # another process has taken what comes before
    came = clock.time()
    pacer.wait("A", 10)
    assert waits == [
        RateWait("A", 10, pytest.approx(12.0), pytest.approx(came + 12.0))
    ] and pacer.waited() == {"A": 12.0}


def test_short_waits_that_follow_each_other_are_told_when_they_have_grown_by_some_seconds(clock, told):
    pacer, waits = told
    for _request in range(101):
        pacer.wait("A", 10)
        clock.now += 0.05  # what the request takes
    assert [round(wait.seconds) for wait in waits] == [3, 6, 9] and pacer.waited() == {
        "A": pytest.approx(100 * (0.1 / SHARE - 0.05), abs=0.1)
    }


def test_waits_with_a_pause_between_them_are_counted_but_not_told_as_one(clock, told):
    pacer, waits = told
    for _round in range(9):
        pacer.wait("A", 1)
        pacer.wait("A", 1)
        clock.now += 1 / SHARE + STRETCH_GAP + 0.1
    assert waits == [] and pacer.waited() == {"A": pytest.approx(9 / SHARE, abs=0.1)}


def test_waits_that_are_not_worth_telling_are_not_told(clock, told):
    pacer, waits = told
    for _request in range(3):
        pacer.wait("A", 1)
    assert 0 < sum(clock.slept) < REPORTED_FROM and waits == [] and pacer.waited() == {}


@given(rate=st.integers(1, 20), count=st.integers(2, 90))
def test_threads_that_wait_side_by_side_are_counted_once(rate, count):
    crowd = Crowd()
    pacer = Pacer(crowd)
    for _thread in range(count):
        pacer.wait("A", rate)
    longest = max(crowd.woken) - crowd.now
    assert pacer.waited() == ({"A": pytest.approx(longest, abs=0.1)} if longest >= REPORTED_FROM else {})


@pytest.fixture
def busy(clock):
    """A pacer at which others are always before us."""
    pacer = Pacer(clock)
    clock.also.append(lambda seconds: pacer._slots.take("A", 1.0, clock.monotonic()))
    pacer._slots.take("A", 1.0, clock.monotonic())
    return pacer


@pytest.mark.parametrize(
    "held_up, slept",
    [
        ([], [1.0]),
        ([0.05], [1.0]),
        ([0.5], [1.0] * 2),
        ([0.5] * 9, [1.0] * 3),
    ],
    ids=["not", "a-little", "once", "always"],
)
def test_a_request_that_is_held_up_takes_another_moment_but_goes_in_the_end(clock, busy, held_up, slept):
    clock.also.insert(
        0, lambda seconds: setattr(clock, "now", clock.now + (held_up.pop() if held_up else 0.0))
    )
    busy.wait("A", 10)
    assert clock.slept == pytest.approx(slept)


def test_actions_do_not_wait_for_each_other(clock):
    pacer = Pacer(clock)
    pacer.wait("A", 1)
    pacer.wait("B", 1)
    assert clock.slept == []


@pytest.mark.parametrize(
    "elapsed, delay",
    [
        (0, 0.4),
        (8, 0.4),
        (10, 0.5),
        (60, 3.0),
        (300, 15.0),
        (9999, 30.0),
    ],
)
def test_polls_grow_with_the_time_that_was_waited(elapsed, delay):
    assert poll_delay(elapsed, lambda: 0.5) == pytest.approx(delay)


@pytest.mark.parametrize(
    "attempt, delay", [(0, 1.0), (1, 2.0), (3, 8.0), (4, 15.0), (99, 15.0), (1000, 15.0)]
)
def test_waits_after_errors_double_up_to_a_limit(attempt, delay):
    assert backoff(attempt, lambda: 0.5) == pytest.approx(delay)


@given(st.floats(0, 1))
def test_jitter_is_a_tenth_to_either_side(chance):
    for wait in (poll_delay(100, lambda: chance), backoff(2, lambda: chance)):
        assert 0.899 <= wait / (5.0 if wait > 4.45 else 4.0) <= 1.101
