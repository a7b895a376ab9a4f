# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The examples of the guides are plays, inventories and variables that the collection takes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.settings import read_settings

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted(
    path
    for name in ("*.md", "plugins/**/*.md", "roles/*/*.md", "playbooks/**/*.md")
    for path in ROOT.glob(name)
)


def examples() -> Iterator[tuple[str, Any]]:
    """Each block of YAML in the guides, with the page that has it."""
    for path in PAGES:
        for block in re.findall(r"```yaml\n(.*?)```", path.read_text("utf-8"), re.DOTALL):
            yield str(path.relative_to(ROOT)), yaml.safe_load(block)


PLAYS = [
    play for _page, example in examples() if isinstance(example, list) for play in example if "hosts" in play
]
INVENTORIES = [example for _page, example in examples() if isinstance(example, dict) and "plugin" in example]
VARIABLES = [
    example for _page, example in examples() if isinstance(example, dict) and "plugin" not in example
]


def known_variables() -> set[str]:
    """The variables of the roles and playbooks, and the inputs of the kit."""
    known: set[str] = set()
    for role in ("rebuild", "reboot"):
        specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text("utf-8"))
        known |= set(specs["argument_specs"]["main"]["options"])
    text = "".join(path.read_text("utf-8") for path in (ROOT / "playbooks").rglob("*.yml"))
    return known | set(re.findall(r"\b(?:rebuild|reboot|report|kit)_\w+", text))


@pytest.mark.smoke
def test_every_play_passes_the_syntax_check(tmp_path: Path) -> None:
    (tmp_path / "plays.yml").write_text(yaml.safe_dump(PLAYS), encoding="utf-8")
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "--syntax-check", "-i", "localhost,", str(tmp_path / "plays.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_provider_has_an_example_of_a_rebuild() -> None:
    shown = {role["vars"].get("rebuild_provider") for play in PLAYS for role in play.get("roles", ())}
    assert set(PROVIDERS) <= shown


def test_the_plays_and_the_variables_use_what_there_is() -> None:
    used = {name for example in VARIABLES for name in example}
    for play in PLAYS:
        parts = [*play.get("roles", ()), *play.get("tasks", ())]
        used |= {name for part in parts for name in part.get("vars", {})}
    assert {name for name in used if not name.startswith("ansible_")} <= known_variables()


def test_no_example_confirms_a_plan_in_a_file() -> None:
    text = yaml.safe_dump([*PLAYS, *VARIABLES])
    assert "rebuild_confirm" not in text


@pytest.mark.parametrize("example", INVENTORIES, ids=str)
def test_every_inventory_has_options_that_the_plugin_takes(example: dict[str, Any]) -> None:
    others = ("plugin", "keyed_groups", "compose", "groups")
    own = {name: value for name, value in example.items() if name not in others}
    assert read_settings(own, others).sources
