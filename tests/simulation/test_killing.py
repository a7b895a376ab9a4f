# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real runs in real processes are killed, a few of them here; make kill does it many times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.kill import kill
from simulation.killing import Outcome, verdicts
from simulation.sites import SITES
from simulation.trial import CALLS, EXACT, MOMENTS, PACES, trial_for

# One kind of moment in three at each provider, so that each is met with both: the rest is for make kill.
SEEDS = [
    seed for seed in range(len(MOMENTS) * len(SITES)) if (seed % len(SITES) + seed // len(SITES)) % 3 == 0
]
# What a kill alone can show, and from which seed on. That the ledger is flushed to the disk is not of those:
# what was written outlives its process.
NOTICED = {
    "what a killed run left unfinished is taken up": 1,
    "what is done under a run_id stays done": 0,
    "a request may be on its way for a minute": 24,
}
MOST_SEEDS = 20
IN_A_DATABASE = (15, 43, 51)


@pytest.fixture(scope="module", name="outcomes")
def killed_runs() -> list[Outcome]:
    """Some seeds for each provider and for each kind of moment."""
    return list(verdicts(SEEDS))


def test_whenever_a_run_is_killed_the_same_command_again_ends_with_every_instance_wiped_once(outcomes):
    assert {outcome.seed: outcome.problems for outcome in outcomes if outcome.problems} == {}


def test_runs_are_killed_at_each_kind_of_moment_and_at_each_provider_and_come_to_their_end(outcomes):
    assert {outcome.provider for outcome in outcomes if outcome.kills} == set(SITES)
    assert {outcome.kills[0] for outcome in outcomes if outcome.kills} == set(MOMENTS)
    assert {outcome.said.total() for outcome in outcomes} == {100}


def test_each_call_and_each_pace_is_among_what_is_killed():
    trials = [trial_for(seed) for seed in range(200)]
    assert {trial.call for trial in trials} == set(CALLS) and {trial.pace for trial in trials} == set(
        range(len(PACES))
    )
    assert {len(trial.blows) for trial in trials} == {1, 2} and {trial.on_a_disk for trial in trials} == {
        True,
        False,
    }


def test_with_the_ledger_in_a_database_too_every_instance_is_wiped_once(postgres):
    moments = {seed: trial_for(seed).blows[0].moment for seed in IN_A_DATABASE}
    assert set(moments.values()) == {"acted", "noting", "anytime"}
    found = list(verdicts(moments, server=postgres.url))
    assert {outcome.seed: outcome.problems for outcome in found if outcome.problems} == {}
    assert all(outcome.kills for outcome in found)


def replay(seed: int, hashes: str) -> str:
    """What a process of its own prints of a seed, with its own order of sets."""
    environment = {**os.environ, "PYTHONHASHSEED": hashes, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "simulation.kill", "--replay", str(seed)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=120
    ).stdout


def test_a_replay_shows_the_trial_the_journal_and_the_same_again():
    seed = 28
    assert {blow.moment for blow in trial_for(seed).blows} <= set(EXACT)
    first, second = replay(seed, "1"), replay(seed, "2")
    assert first == second and '"blows"' in first and "killed (" in first and first.endswith("no defect\n")


@pytest.mark.parametrize("protection, seed", NOTICED.items())
def test_without_a_protection_a_kill_shows_a_defect(protection, seed):
    found = verdicts(range(seed, seed + MOST_SEEDS), without=protection)
    assert next((outcome.problems for outcome in found if outcome.problems), [])


def test_a_seed_with_a_defect_is_printed_and_makes_the_command_fail(capsys):
    assert kill(1, 1, 1, without="the intention is noted before the request") == 1
    shown = capsys.readouterr().out
    assert "seed 1 (tencent_ecm, with a run_id and force): " in shown and "make kill REPLAY=1" in shown
