# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a module accepts and what its documentation says are the same, and secrets are marked."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest
import yaml

from ansible_collections.reforge.cloud.plugins.doc_fragments.options import ModuleDocFragment
from ansible_collections.reforge.cloud.plugins.module_utils.commands import (
    option_docs,
    option_types,
    options,
    read_options,
)

PLUGINS = Path(options.__file__).parents[2]
# The modules that call a provider; the others have their documentation and their arguments in one place each.
MODULES = sorted(
    path.stem for path in (PLUGINS / "modules").glob("*.py") if "run_module(" in path.read_text("utf-8")
)
PARTS = {"description", "type", "elements", "required", "default", "choices", "aliases", "suboptions"}


def group_names():
    """The names of the groups of options in options.py."""
    return [name for name, value in vars(options).items() if any(value is group for group in options.GROUPS)]


def groups(module):
    """The groups of options that the module gives to run_module, besides the connection."""
    tree = ast.parse((PLUGINS / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    (call,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "run_module"
    ]
    known = {**vars(options), **vars(read_options)}
    return [known[ast.unparse(argument)] for argument in call.args]


def spec(module):
    return option_types.argument_spec(options.CONNECTION, *groups(module))


def documented(module):
    """The options of the documentation fragments that the module names."""
    text = importlib.import_module(
        f"ansible_collections.reforge.cloud.plugins.modules.{module}"
    ).DOCUMENTATION
    names = yaml.safe_load(text)["extends_documentation_fragment"]
    groups = [name.rpartition(".")[2].upper() for name in names if name.startswith("reforge.cloud.options.")]
    fragments = [yaml.safe_load(getattr(ModuleDocFragment, group))["options"] for group in groups]
    return {name: option for fragment in fragments for name, option in fragment.items()}


def walk(options_of_module, inner, above=""):
    """All options with their full names, those within an option too."""
    for name, option in options_of_module.items():
        yield f"{above}{name}", option
        yield from walk(option.get(inner, {}), inner, f"{above}{name}.")


@pytest.mark.parametrize("module", MODULES)
def test_each_option_is_documented_as_it_is_accepted(module):
    accepted, documentation = (
        dict(walk(spec(module), "options")),
        dict(walk(documented(module), "suboptions")),
    )
    assert set(accepted) == set(documentation)
    for name, option in accepted.items():
        for part in ("type", "elements", "required", "default", "choices", "aliases"):
            assert option.get(part) == documentation[name].get(part), (name, part)


@pytest.mark.parametrize("module", MODULES)
def test_each_option_has_sentences_and_nothing_unknown(module):
    for name, option in walk(documented(module), "suboptions"):
        assert set(option) <= PARTS, name
        assert option["description"] and all(line.endswith((".", ")")) for line in option["description"]), (
            name
        )


@pytest.mark.parametrize("module", MODULES)
def test_secrets_are_hidden_and_ids_of_keys_are_not(module):
    hidden = {name for name, option in spec(module).items() if option.get("no_log")}
    assert hidden == options.SECRET_OPTIONS & set(spec(module)) and {"secret_key", "token"} <= hidden
    suspicious = {name for name in spec(module) if "key" in name or "pass" in name or "token" in name}
    assert all("no_log" in spec(module)[name] for name in suspicious)


def test_the_secret_options_are_those_of_the_reset_and_the_connection():
    assert {*options.CONNECTION, *options.RESET} >= options.SECRET_OPTIONS


def test_options_that_a_provider_may_lack_have_no_default():
    assert [name for name in options.PROVIDER_OPTIONS if "default" in options.RESET[name]] == []


@pytest.mark.parametrize("name", options.PROVIDER_OPTIONS)
def test_the_documentation_says_which_providers_support_an_option(name):
    assert "Supported by " in option_docs.documented(options.RESET)[name]["description"][-1]


@pytest.mark.parametrize("module", MODULES)
def test_no_option_is_in_two_groups_of_a_module(module):
    names = [name for group in (options.CONNECTION, *groups(module)) for name in group]
    assert len(names) == len(set(names))


TYPES = {"str": str, "path": str, "int": int, "bool": bool, "list": list, "dict": dict}
ALL_OPTIONS = {name: option for group in options.GROUPS for name, option in walk(group, "options")}
# test_made_up_option.py says of the others that they have no example.
EXAMPLES = [name for name, option in ALL_OPTIONS.items() if "example" in option]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_an_option_is_one_that_it_accepts(name):
    option = ALL_OPTIONS[name]
    assert isinstance(option["example"], TYPES[option["type"]]), name
    values = option["example"] if option["type"] == "list" else [option["example"]]
    assert all(value in option.get("choices", values) for value in values), name


def test_every_group_of_options_is_documented_by_a_fragment():
    fragments = {name for name in vars(ModuleDocFragment) if name.isupper()}
    missing = set(group_names()) - fragments
    assert missing == set(), f"add {missing} to plugins/doc_fragments/options.py"
