# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each kind of evidence switched off: made to hold always, or never, or left out of the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from ansible_collections.reforge.cloud.plugins.module_utils.decide import evidence

Patch = pytest.MonkeyPatch
# What a look says about an attempt; see the docstrings of View.
QUALITIES = ("old", "traceable", "begun", "unseen", "arrived", "changed", "taken_on", "lost")
RULES: Mapping[str, tuple[str, ...]] = {
    "BY_RECORD": ("_own_record", "_too_early", "_old_record", "_later_record"),
    "RESET": ("_reset_failed", "_reset_running", "_reset_stopped", "_reset_lost"),
    "POWER_BY_STATE": ("_at_goal", "_elsewhere", "_power_lost"),
    "PASSWORD": ("_password_answered", "_password_set", "_password_lost"),
}


def _fix(quality: str, value: bool, patch: Patch) -> None:
    patch.setattr(evidence.View, quality, property(lambda view: value))


def _own(value: bool, patch: Patch) -> None:
    patch.setattr(evidence, "_is_ours", lambda view, operation: value)


def _leave_out(table: str, name: str, patch: Patch) -> None:
    rule = getattr(evidence, name)
    if table in ("RESET", "PASSWORD"):
        verb = Verb[table]
        patch.setitem(
            evidence.BY_STATE,  # type: ignore[arg-type]
            verb,
            tuple(one for one in evidence.BY_STATE[verb] if one is not rule),
        )
    else:
        patch.setattr(evidence, table, tuple(one for one in getattr(evidence, table) if one is not rule))


def _believe_one_miss(patch: Patch) -> None:
    patch.setattr(evidence, "MISSING_LOOKS", 1)


EVIDENCE: Mapping[str, Callable[[Patch], None]] = {
    **{
        f"{quality}: {'always' if value else 'never'}": partial(_fix, quality, value)
        for quality in QUALITIES
        for value in (True, False)
    },
    "a record is ours: always": partial(_own, True),
    "a record is ours: never": partial(_own, False),
    **{
        f"without the rule {name.strip('_')}": partial(_leave_out, table, name)
        for table, names in RULES.items()
        for name in names
    },
    "one look that misses it: enough": _believe_one_miss,
}
