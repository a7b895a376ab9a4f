# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every example of the guides and of the plugins' documentation is one that ansible-core and the collection
take: plays, tasks, inventories, variables and commands.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.settings import read_settings
from tools.examples import blocks, commands_in

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted(
    path
    for name in ("*.md", "plugins/**/*.md", "roles/*/*.md", "playbooks/**/*.md")
    for path in ROOT.glob(name)
)


def examples() -> Iterator[tuple[str, Any]]:
    """Each block of YAML in the guides, with the page that has it."""
    for path in PAGES:
        for block in blocks(path, "yaml"):
            yield str(path.relative_to(ROOT)), yaml.safe_load(block)


def documented() -> Iterator[tuple[str, Any]]:
    """The EXAMPLES of each module and plugin, with its file."""
    for path in sorted((*ROOT.glob("plugins/modules/*.py"), *ROOT.glob("plugins/inventory/*.py"))):
        (text,) = re.findall(r'^EXAMPLES = r"""\n(.*?)"""', path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
        yield str(path.relative_to(ROOT)), yaml.safe_load(text)


LISTS = [example for _place, example in (*examples(), *documented()) if isinstance(example, list)]
PLAYS = [play for example in LISTS for play in example if "hosts" in play]
TASKS = [task for example in LISTS for task in example if "hosts" not in task]
COMMANDS = [(str(path.relative_to(ROOT)), words) for path in PAGES for words in commands_in(path)]
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
    return known | set(re.findall(r"\b(?:rebuild|reboot|report|kit|ledger)_\w+", text))


@pytest.mark.smoke
def test_every_play_passes_the_syntax_check(tmp_path: Path) -> None:
    named = [play for play in PLAYS if "ansible.builtin.import_playbook" not in play]
    (tmp_path / "plays.yml").write_text(
        yaml.safe_dump([*named, {"hosts": "all", "tasks": TASKS}]), encoding="utf-8"
    )
    playbooks = {words[1] for _page, words in COMMANDS if words[:1] == ["ansible-playbook"]}
    known = sorted(name for name in playbooks if name.startswith("reforge.cloud."))
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "--syntax-check", "-i", "localhost,", str(tmp_path / "plays.yml"), *known]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and len(known) > 3, done.stdout + done.stderr


@pytest.fixture(scope="module", name="options")
def documented_options() -> dict[str, dict[str, Any]]:
    """The options of each module, by its full name."""
    program = str(Path(sys.executable).with_name("ansible-doc"))
    names = [f"reforge.cloud.{path.stem}" for path in sorted(ROOT.glob("plugins/modules/*.py"))]
    done = subprocess.run([program, "--json", *names], capture_output=True, text=True, check=True)
    return {name: entry["doc"]["options"] for name, entry in json.loads(done.stdout).items()}


def wrong(given: dict[str, Any], options: dict[str, Any], where: str) -> list[str]:
    """What a module would not take of these options; those that an account gives may stand elsewhere."""
    aliases = {
        alias: name for name, option in options.items() for alias in [name, *option.get("aliases", [])]
    }
    unknown = [f"{where}.{name}: no such option" for name in given if name not in aliases]
    found = {aliases[name]: value for name, value in given.items() if name in aliases}
    missing = [
        f"{where}.{name}: missing"
        for name, option in options.items()
        if option.get("required") and name not in found and name != "provider"
    ]
    inside = [line for name, value in found.items() for line in wrong_value(name, value, options, where)]
    return [*unknown, *missing, *inside]


def wrong_value(name: str, value: Any, options: dict[str, Any], where: str) -> list[str]:
    """What a module would not take of the value of an option."""
    option, values = options[name], value if isinstance(value, list) else [value]
    if option.get("suboptions"):
        inner = [value for value in values if isinstance(value, dict)]
        return [line for part in inner for line in wrong(part, option["suboptions"], f"{where}.{name}")]
    choices = option.get("choices")
    bad = [choice for choice in values if choices and choice not in choices and "{" not in str(choice)]
    return [f"{where}.{name}: {choice!r} is none of {choices}" for choice in bad]


def test_every_task_gives_its_module_the_options_that_it_documents(options: dict[str, Any]) -> None:
    tasks = [*TASKS, *(task for play in PLAYS for task in play.get("tasks", ()))]
    calls = [(name, given) for task in tasks for name, given in task.items() if name in options]
    assert {name for name, _given in calls} == set(options), "each module has an example"
    assert [line for name, given in calls for line in wrong(given or {}, options[name], name)] == []


def test_every_command_is_one_that_there_is(options: dict[str, Any]) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page, words in COMMANDS:
        if words[0] == "make":
            assert words[1] in targets, page
        elif words[0] == "ansible":
            given = dict(word.split("=", 1) for word in words[words.index("-a") + 1].split())
            module = words[words.index("-m") + 1]
            assert wrong(given, options[module], module) == [], page


def test_the_variables_of_every_command_are_known() -> None:
    used: set[str] = set()
    for _page, words in COMMANDS:
        for flag, value in pairwise(words):
            if flag == "-e" and not value.startswith("@"):
                used |= set(json.loads(value)) if value.startswith("{") else {value.split("=")[0]}
    assert {"rebuild_confirm", "rebuild_image_id"} <= used <= known_variables()


def test_the_first_rebuild_of_the_readme_is_confirmed_on_the_command_line() -> None:
    runs = [words for page, words in COMMANDS if page == "README.md" and words[0] == "ansible-playbook"]
    checks = ["--check" in words for words in runs]
    confirmed = [any(word.startswith("rebuild_confirm=") for word in words) for words in runs]
    assert checks[0] and not checks[1] and confirmed[1], "first a look, then the rebuild"


def test_every_provider_has_an_example_of_a_rebuild() -> None:
    shown = {role["vars"].get("rebuild_provider") for play in PLAYS for role in play.get("roles", ())}
    assert set(PROVIDERS) <= shown


def test_the_plays_and_the_variables_use_what_there_is() -> None:
    used = {name for example in VARIABLES for name in example}
    for play in PLAYS:
        parts = [*play.get("roles", ()), *play.get("tasks", ())]
        used |= {name for part in parts for name in part.get("vars", {})}
    assert {name for name in used if not name.startswith("ansible_")} <= known_variables()


def test_the_guides_name_variables_that_there_are() -> None:
    named = {
        (str(path.relative_to(ROOT)), name)
        for path in PAGES
        for name in re.findall(r"`((?:rebuild|reboot|report|kit|ledger)_\w+)", path.read_text("utf-8"))
    }
    registered = {"rebuild_plan", "rebuild_result"}
    other = {"ledger_info", "rebuild_job_17", "rebuild_planned", "reboot_"} | registered
    assert {mention for mention in named if mention[1] not in known_variables() | other} == set()


def test_no_example_confirms_a_plan_in_a_file() -> None:
    text = yaml.safe_dump([*PLAYS, *VARIABLES])
    assert "rebuild_confirm" not in text


@pytest.mark.parametrize("example", INVENTORIES, ids=str)
def test_every_inventory_has_options_that_the_plugin_takes(example: dict[str, Any]) -> None:
    cache = ("cache", "cache_plugin", "cache_connection", "cache_timeout")
    others = ("plugin", "keyed_groups", "compose", "groups", *cache)
    own = {name: value for name, value in example.items() if name not in others}
    assert read_settings(own, others).sources
