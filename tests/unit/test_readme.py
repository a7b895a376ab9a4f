# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the README says is what the code is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.ledger import NOTED, OPEN, Ledger
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Outcome, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.decide.next_step import REACHED
from tools.needed_actions import needed_actions
from tools.readme_tables import renewed

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_providers_values():
    assert renewed(README) == README, "run: make tables"


def test_every_module_is_named():
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert modules == modules.intersection(re.findall(r"`(\w+)`", README))


def test_every_make_target_that_it_names_is_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", README)) <= targets


def block(text):
    """The JSON of the fenced block that has this text."""
    return json.loads(next(one for one in re.findall(r"```json\n(.*?)```", README, re.DOTALL) if text in one))


def test_the_policy_allows_what_the_role_calls_and_no_more():
    statements = block("lighthouse:ResetInstance")["statement"]
    allowed = [action for statement in statements for action in statement["action"]]
    needed = needed_actions(PROVIDERS["tencent_lighthouse"])["instance_reset"]
    assert sorted(allowed) == sorted(f"lighthouse:{action}" for action in needed)
    assert statements[1]["action"] == ["lighthouse:ResetInstance"] and statements[1]["resource"] != ["*"]


def test_the_line_of_a_ledger_is_one_and_each_of_its_states_is_told(tmp_path, clock):
    line = block('"baseline"')
    path = tmp_path / "ledger.jsonl"
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    entry = Ledger(str(path), line["scope"], line["run_id"], clock).unfinished(
        line["instance_id"], Verb(line["verb"])
    )
    assert entry.attempt(line["instance_id"], clock).target == line["target"]


def test_each_state_of_a_ledger_is_told():
    rows = README[README.index("| `state` |") : README.index("This shows what is open")].splitlines()[2:]
    told = {word for row in rows if "|" in row for word in re.findall(r"`(\w+)`", row.split("|")[1])} - {
        "request_id"
    }
    ends = {REACHED[verb].value for verb in NOTED} | {Outcome.FAILED.value, Outcome.UNKNOWN.value}
    assert told == {*OPEN, "turned_down"} | ends
    assert all(f'"{state}"' in block_after("This shows what is open") for state in OPEN)


def block_after(text):
    """The first fenced block after a text."""
    return README[README.index(text) :].split("```")[1]
