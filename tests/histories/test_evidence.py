# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each kind of evidence is switched off, one at a time, and a look notices wherever that matters."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.decide.attempt import Progress
from histories import looks
from histories.evidence_kinds import EVIDENCE, PROOFS, guesses, missed, places, table
from histories.looks import LOOKS
from histories.mutants import mutants


@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence_that_is_switched_off_is_noticed_for_every_verb_and_provider_that_needs_it(
    name, monkeypatch
):
    by_chance = guesses()
    EVIDENCE[name](monkeypatch)
    needed, noticed = places(missed(by_chance)), places(missed(LOOKS))
    assert noticed and needed <= noticed


# What changes a sentence for people alone.
SENTENCES = ("operation.error", "operation.name")


def test_whatever_is_wrong_with_the_rules_a_look_notices(monkeypatch):
    unnoticed, tried = [], list(mutants())
    for mutant in tried:
        monkeypatch.setattr(looks, "judge", mutant.judge)
        if not any(sentence in mutant.text for sentence in SENTENCES) and not notices():
            unnoticed.append(mutant.text)
    assert len(tried) > 200 and unnoticed == []


def notices():
    """Whether a look does not prove what it should, or the rules break."""
    try:
        return bool(missed(LOOKS))
    except Exception:
        return True


def test_each_verb_is_seen_done_in_every_way_in_which_a_provider_shows_it():
    assert places([look for look in LOOKS if look.expected is Progress.DONE]) == set(PROOFS)


def test_the_table_of_the_readme_says_what_notices():
    readme = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    lines = "\n".join(table())
    assert lines in readme, f"the table in tests/histories/README.md should be:\n{lines}"
