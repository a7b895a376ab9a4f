# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every reason is a member of one enum, is used, and means something to people."""

from __future__ import annotations

import ast
import re

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Status
from ansible_collections.reforge.cloud.plugins.module_utils.core.reason import Reason
from tools.readme_tables import ROOT

FILES = sorted((ROOT / "plugins" / "module_utils").rglob("*.py"))
CODE = "\n".join(path.read_text("utf-8") for path in FILES if path.name != "model.py")
# What makes a verdict or an end, and which of its arguments is the reason.
MAKERS = {"refuse": 0, "unchanged": 0, "act": 1, "Verdict": 1, "End": 1}

# Those that are the name of a state.
BY_STATE = {status.value for status in Status} | {"already_running", "already_stopped"}


def reasons_given():
    """Each place that gives a reason, with what it gives."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS:
                place = MAKERS[ast.unparse(node.func)]
                named = [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
                for value in named or node.args[place : place + 1]:
                    yield f"{path.name}:{node.lineno}", value


def test_no_reason_is_a_bare_string():
    places = list(reasons_given())
    bare = [place for place, value in places if isinstance(value, ast.Constant) and value.value]
    assert bare == [], "make it a member of Reason in core/model.py, and run: make tables"
    assert len(places) > 40


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_used_and_has_a_sentence(reason):
    given = re.search(rf"\bReason\.{reason.name}\b", CODE) or reason.value in BY_STATE
    assert given, f"nothing gives {reason.name}: delete it"
    assert re.fullmatch(r"[a-z_]+", reason.value) and reason.text.endswith(".")
