# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A short simulation, and that it can be trusted: it covers what it says, and a seed shows the same each
time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.__main__ import simulate
from simulation.catalogue import CATALOGUE, HIDING, MOST_HIDDEN
from simulation.play import play
from simulation.run import Tally, verdict_on
from simulation.sabotage import SABOTAGES
from simulation.schedule import SUBJECTS, schedule_for
from simulation.sites import SITES

BLOCK = 130
FEW = range(200, 206)


@pytest.mark.parametrize("first", range(0, 8 * BLOCK, BLOCK))
def test_no_run_of_a_short_simulation_shows_a_defect(first):
    found = [verdict_on(seed) for seed in range(first, first + BLOCK, 2)]
    assert {verdict.seed: verdict.problems for verdict in found if verdict.problems} == {}


def test_each_trouble_comes_by_itself_and_in_mixtures_at_each_provider():
    schedules = [schedule_for(seed) for seed in range(8 * BLOCK)]
    alone = {(schedule.provider, schedule.subject) for schedule in schedules}
    assert alone >= {(provider, subject) for provider in SITES for subject in SUBJECTS}
    mixed = {
        (schedule.provider, fault.name)
        for schedule in schedules
        if len(schedule.faults) > 1
        for fault in schedule.faults
    }
    assert mixed == {(provider, name) for provider in SITES for name in CATALOGUE}


@pytest.mark.parametrize("kinds", [("two runs",), ("killed", "late record"), ("throttled", "clock off")])
@pytest.mark.parametrize("seed", FEW)
def test_a_seed_shows_the_same_each_time(seed, kinds):
    schedule = schedule_for(seed, kinds=kinds)
    logs = [play(schedule).world.log for time in range(2)]
    assert logs[0] == logs[1] and logs[0]


@pytest.mark.parametrize("seed", FEW)
def test_whatever_hides_a_request_hides_it_for_less_than_the_collection_waits(seed):
    for number in range(100 * seed, 100 * seed + 100):
        faults = schedule_for(number, kinds=tuple(HIDING)).faults
        assert sum(fault.settings[HIDING[fault.name]] for fault in faults) <= MOST_HIDDEN + 0.01


def replay(seed: int, hashes: str) -> str:
    """What another process prints of a seed, with another order of its sets."""
    environment = {**os.environ, "PYTHONHASHSEED": hashes, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "simulation", "--replay", str(seed)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=120
    ).stdout


def test_a_replay_in_another_process_shows_the_schedule_the_journal_and_the_same_again():
    seed = 2 * len(SITES) * SUBJECTS.index("two runs")  # by itself, at the first provider
    first, second = replay(seed, "1"), replay(seed, "2")
    assert (
        first == second
        and '"subject": "two runs"' in first
        and "looks)" in first
        and first.endswith("no defect\n")
    )


def test_a_seed_with_a_defect_is_printed_and_fails_the_simulation(monkeypatch, capsys):
    next(sabotage for sabotage in SABOTAGES if sabotage.kinds == ("install fails",)).remove(monkeypatch)
    seed = 2 * len(SITES) * SUBJECTS.index("install fails")
    assert simulate(5, seed, 1) == 1
    shown = capsys.readouterr().out
    assert f"seed {seed} (zenlayer_zec, install fails): " in shown and "make sim REPLAY=" in shown


def test_the_table_has_the_share_of_unknown_by_trouble_and_provider():
    tally = Tally()
    for seed in range(20):
        tally.add(verdict_on(seed))
    rows = tally.table().splitlines()
    assert len(rows) == len(SUBJECTS) + 2 and all(name in rows[0] for name in SITES)
