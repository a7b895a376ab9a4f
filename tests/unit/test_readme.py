# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the README and the guides say is what the code is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.record import PROVEN, UNPROVEN, Record
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import RequestState
from tools.needed_actions import needed_actions
from tools.readme_tables import PAGES, renewed

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = "https://github.com/reforge-cloud/reforge.cloud/blob/main/"
GUIDES = sorted(
    str(path.relative_to(ROOT))
    for folder in ("", "plugins/**", "roles/**", "playbooks/**", "tests/**", "meta")
    for path in ROOT.glob(f"{folder}/*.md".lstrip("/"))
    if ".build" not in path.parts
)


def page(name):
    """The text of a page, by its path."""
    return (ROOT / name).read_text(encoding="utf-8")


def links(name):
    """The pages of this repository that a page leads to, each with the heading after the hash, if any."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page(name)):
        if target.startswith(HERE):
            target = "/" + target.removeprefix(HERE)
        elif "://" in target:
            continue
        path, _hash, heading = target.partition("#")
        start = ROOT if path.startswith("/") else (ROOT / name).parent
        yield target, (start / path.lstrip("/")).resolve() if path else ROOT / name, heading


def anchors(path):
    """The headings of a page as a link names them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_the_tables_are_those_of_the_providers_values(name):
    assert renewed(name, page(name)) == page(name), "run: make tables"


def test_every_module_is_named():
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert modules == modules.intersection(re.findall(r"`(\w+)`", page("plugins/README.md")))


@pytest.mark.parametrize("name", GUIDES)
def test_every_make_target_that_a_page_names_is_there(name):
    targets = set(re.findall(r"^([a-z-]+):", page("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|\$ )make ([a-z-]+)", page(name))) <= targets


@pytest.mark.parametrize("name", GUIDES)
def test_every_link_within_the_repository_leads_somewhere(name):
    for target, path, heading in links(name):
        assert path.exists(), target
        assert not heading or heading in anchors(path), target


def test_the_readme_leads_to_every_guide_for_users():
    reached, new = set(), {ROOT / "README.md"}
    while new:
        reached |= new
        pages = [path.relative_to(ROOT) for path in new if path.suffix == ".md"]
        new = {path for name in pages for _target, path, _heading in links(str(name))} - reached
    users = {name for name in GUIDES if not name.startswith(("tests", "CONTRIBUTING"))}
    assert users <= {str(path.relative_to(ROOT)) for path in reached}


def test_the_readme_takes_no_more_than_three_screens():
    assert len(page("README.md").split()) < 900


def block(name, text):
    """The JSON of the fenced block of a page that has this text."""
    return json.loads(
        next(block for block in re.findall(r"```json\n(.*?)```", page(name), re.DOTALL) if text in block)
    )


def test_the_policy_allows_what_the_role_calls_and_no_more():
    statements = block("plugins/SECURITY.md", "lighthouse:ResetInstance")["statement"]
    allowed = [action for statement in statements for action in statement["action"]]
    needed = needed_actions(PROVIDERS["tencent_lighthouse"])["instance_reset"]
    assert sorted(allowed) == sorted(f"lighthouse:{action}" for action in needed)
    assert statements[1]["action"] == ["lighthouse:ResetInstance"] and statements[1]["resource"] != ["*"]


def test_the_line_of_the_ledger_guide_is_one_of_a_ledger():
    line = block("plugins/LEDGER.md", '"baseline"')
    assert Record.from_line(line).line == line


def test_the_ledger_guide_names_every_state_of_a_request():
    guide = page("plugins/LEDGER.md")
    rows = [row.split("|")[1] for row in guide.splitlines() if row.startswith("| `")]
    assert {word for row in rows for word in re.findall(r"`(\w+)`", row)} == {
        *(state.value for state in RequestState),
        PROVEN,
        UNPROVEN,
    }
