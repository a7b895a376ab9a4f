# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each protection is taken away, one at a time, and the simulation must notice."""

from __future__ import annotations

import pytest

from simulation.judge import judge
from simulation.play import play
from simulation.sabotage import SABOTAGES

MOST_SEEDS = 300


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.protection)
def test_without_a_protection_a_run_shows_a_defect_that_it_does_not_show_with_it(sabotage):
    with pytest.MonkeyPatch.context() as patch:
        sabotage.remove(patch)
        for seed in range(MOST_SEEDS):
            problems = judge(play(sabotage.schedule(seed)))
            if any(sabotage.caught_by in problem for problem in problems):
                break
        else:
            pytest.fail(f"{MOST_SEEDS} runs without this protection showed nothing")
    assert judge(play(sabotage.schedule(seed))) == []
