# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is missing of an option, sentence by sentence: everything of a made-up one, nothing of the others."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
import yaml

from ansible_collections.reforge.cloud.plugins.module_utils.commands import options
from ansible_collections.reforge.cloud.plugins.module_utils.commands.option_types import text
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from tools.readme_tables import ROOT
from tools.role_options import NOT_IN_ROLES, ROLES

PLUGINS = Path(options.__file__).parents[2]


def every(group):
    """All options of a group, those within an option too."""
    for name, option in group.items():
        yield name, option
        yield from every(option.get("options", {}))


OPTIONS = {name: option for group in options.GROUPS for name, option in every(group)}


@cache
def code():
    """The code of the plugins besides the options' own data."""
    files = [path for path in PLUGINS.rglob("*.py") if "option" not in path.name]
    return "\n".join(path.read_text("utf-8") for path in files if "doc_fragments" not in path.parts)


def is_read(name):
    return re.search(rf"""["']{name}["']|[.]{name}\b""", code())


def documented(role):
    """The variables of a role, by its argument specs."""
    return argument_specs(ROOT / role.path("meta/argument_specs.yml"))


@cache
def argument_specs(path):
    specs = yaml.safe_load(path.read_text(encoding="utf-8"))
    return set(specs["argument_specs"]["main"]["options"])


def missing_of_reset(name, supported):
    """What is missing of an option that not every provider supports."""
    if name not in {field.name for field in fields(ResetOptions)}:
        yield f"{name}: make it a field of ResetOptions in plugins/module_utils/core/rules.py"
    if not supported:
        yield f"{name}: name it in the `options` and `field_options` of the providers that support it"
    if supported and not is_read(name):
        yield f"{name}: put it into the request, by reset_fields of {', '.join(supported)}"


def missing(name, option, roles, selective):
    """What is still to be done for an option, as sentences."""
    if "example" not in option:
        yield f"{name}: add an example, for the documentation of the roles"
    if selective:
        yield from missing_of_reset(
            name, [provider.name for provider in PROVIDERS.values() if name in provider.options]
        )
    elif not is_read(name):
        yield f"{name} does nothing yet: read it in plugins/module_utils/commands, or delete it"
    for role in roles:
        if f"{role.prefix}{name}" not in documented(role) and name not in NOT_IN_ROLES:
            yield f"role {role.name} lacks {name}: run make tables, or say why in NOT_IN_ROLES"


@pytest.mark.parametrize("name", OPTIONS)
def test_nothing_is_missing_of_an_option(name):
    roles = [role for role in ROLES if any(name in group for group in role.groups)]
    sentences = list(missing(name, OPTIONS[name], roles, name in options.SELECTIVE))
    assert not sentences, "\n".join(sentences)


def test_of_a_made_up_option_everything_is_missing():
    common = list(missing("moon_phase", text("Phase of the moon."), ROLES, selective=False))
    assert len(common) == 2 + len(ROLES) and "does nothing yet" in common[1]
    selective = list(missing("moon_phase", text("Phase of the moon."), ROLES, selective=True))
    assert (
        len(selective) == 3 + len(ROLES)
        and "ResetOptions" in selective[1]
        and "field_options" in selective[2]
    )


def test_an_option_that_a_provider_supports_is_sent():
    assert "reset_fields of moon" in "".join(missing_of_reset("moon_phase", ["moon"]))
