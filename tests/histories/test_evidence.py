# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each kind of evidence is switched off, one at a time, and a look notices wherever that matters."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.decide.attempt import Progress
from histories.evidence_kinds import EVIDENCE, PROOFS, guesses, missed, places, table
from histories.looks import LOOKS


@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence_that_is_switched_off_is_noticed_for_every_verb_and_provider_that_needs_it(
    name, monkeypatch
):
    by_chance = guesses()
    EVIDENCE[name](monkeypatch)
    needed, noticed = places(missed(by_chance)), places(missed(LOOKS))
    assert noticed and needed <= noticed


def test_each_verb_is_seen_done_in_every_way_in_which_a_provider_shows_it():
    assert places([look for look in LOOKS if look.expected is Progress.DONE]) == set(PROOFS)


def test_the_table_of_the_readme_says_what_notices():
    readme = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    lines = "\n".join(table())
    assert lines in readme, f"the table in tests/histories/README.md should be:\n{lines}"
