# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The layers: which folder may import which, and the walls around the emulator and around what modules are
shipped with.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import emulator
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS

EMULATOR = Path(emulator.__file__).parent
TESTS = EMULATOR.parent
PLUGINS = TESTS.parent / "plugins"
UTILS = PLUGINS / "module_utils"

# Each folder, from the top to the bottom, and those that it may import.
BELOW_COMMANDS = ("core", "api", "providers", "decide", "act")
EVERY_UTIL = (*BELOW_COMMANDS, "commands")
LAYERS = {
    "modules": ("commands",),
    "action": ("report", "proof", "fleet", "text", *EVERY_UTIL),
    "doc_fragments": ("inventory_utils", "commands"),
    "inventory": ("inventory_utils", "text", *EVERY_UTIL),
    "lookup": (),
    "report": ("fleet", "text", *EVERY_UTIL),
    "proof": ("fleet", "text", *EVERY_UTIL),
    "inventory_utils": ("text", *EVERY_UTIL),
    "fleet": ("text", *EVERY_UTIL),
    "text": ("core",),
    "commands": BELOW_COMMANDS,
    "act": ("decide", "api", "core"),
    "decide": ("core",),
    "providers": ("api", "core"),
    "api": ("core",),
    "core": (),
}


def layer_of(parts):
    """The layer that a file or a module below plugins/ is in."""
    if parts[0] not in ("module_utils", "plugin_utils"):
        return parts[0]
    return "inventory_utils" if parts[:2] == ("plugin_utils", "inventory") else parts[1]


def resolved(node, file):
    """The modules that an import statement names, a relative one as a path below plugins/."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not node.level:
        return [node.module or ""]
    package = "/".join(
        (*file.relative_to(PLUGINS).parts[: -node.level], *(node.module or "").split("."))
    ).rstrip("/")
    if (PLUGINS / package).is_dir():  # from .folder import file
        return [f"{package}/{alias.name}" for alias in node.names]
    return [package]


@cache
def imports(folder):
    """Each file below the folder with each module that it imports, also within functions."""
    return [
        (file, module)
        for file in sorted(folder.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for module in resolved(node, file)
    ]


def arrows():
    """From which layer to which there are imports, with the files that hold them."""
    found = {}
    for file, module in imports(PLUGINS):
        if "/" in module:
            arrow = layer_of(file.relative_to(PLUGINS).parts), layer_of(tuple(module.split("/")))
            found.setdefault(arrow, set()).add(file.relative_to(PLUGINS).as_posix())
    return {arrow: files for arrow, files in found.items() if arrow[0] != arrow[1]}


def test_the_arrows_between_the_layers_go_down_only():
    upward = {
        f"{above} imports {below}": sorted(files)
        for (above, below), files in arrows().items()
        if below not in LAYERS[above]
    }
    assert upward == {}, "a lower layer must not import a higher one: move what is shared down"
    assert len(arrows()) > 20  # the walk has found the imports


def test_the_table_of_layers_has_every_folder_and_no_cycle():
    folders = {layer_of(file.relative_to(PLUGINS).parts) for file in PLUGINS.rglob("*.py")}
    assert folders == set(LAYERS)
    assert list(TopologicalSorter(LAYERS).static_order())  # raises CycleError


def test_no_two_files_import_each_other_in_a_circle():
    files = {}
    for file, module in imports(PLUGINS):
        if "/" in module:
            files.setdefault(file.relative_to(PLUGINS).with_suffix("").as_posix(), set()).add(module)
    assert len(list(TopologicalSorter(files).static_order())) > 60


def test_a_relative_import_stays_in_the_collection():
    targets = {module for _file, module in imports(PLUGINS) if "/" in module}
    assert [module for module in targets if not (PLUGINS / f"{module}.py").is_file()] == []


@pytest.mark.parametrize(
    "folder, forbidden",
    [(PLUGINS, ("emulator", "tests")), (EMULATOR, ("ansible", "ansible_collections", "plugins"))],
    ids=["plugins", "emulator"],
)
def test_the_plugins_and_the_emulator_do_not_import_each_other(folder, forbidden):
    assert len(imports(folder)) > 20
    crossing = [
        f"{file.name}: {module}" for file, module in imports(folder) if module.split(".")[0] in forbidden
    ]
    assert crossing == []


def test_what_is_shipped_with_a_module_needs_requests_and_nothing_else():
    # psycopg is imported only when the ledger is in PostgreSQL.
    allowed = {"ansible", "requests", "urllib3", "psycopg"}
    outside = {module.split(".")[0] for _file, module in imports(UTILS) if "/" not in module}
    assert outside - allowed - set(sys.stdlib_module_names) == set()


def files_without_providers():
    """All that is shipped with a module, except for the providers and their list."""
    return [
        file for file in UTILS.rglob("*.py") if "providers" not in file.parts and file.name != "registry.py"
    ]


def provider_names(file):
    """The providers whose names stand in the code of a file, outside of its options' examples."""
    text = re.sub(r"example=\S+", "", file.read_text(encoding="utf-8"))
    return [name for name in PROVIDERS if name in text]


def test_the_core_names_no_provider():
    names = {file.name: provider_names(file) for file in files_without_providers()}
    assert {name: providers for name, providers in names.items() if providers} == {}


QUESTIONS = re.compile(r"isinstance\([^)]*Provider|provider\.name\s*[!=]=|provider\.name in")


def test_the_core_does_not_ask_which_provider_it_has():
    assert [
        file.name for file in files_without_providers() if QUESTIONS.search(file.read_text(encoding="utf-8"))
    ] == []
