# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An option of a module reaches the roles, and what is missing is said with what to do."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import yaml

from ansible_collections.reforge.cloud.plugins.module_utils.commands.option_types import switch, text
from tools import role_options
from tools.readme_tables import ROOT
from tools.role_options import FILES, NOT_IN_ROLES, ROLES, renewed

EVERY_ROLE = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
EVERY_FILE = pytest.mark.parametrize("file", FILES)


def content(role, file):
    return (ROOT / role.path(file)).read_text(encoding="utf-8")


def spec(role):
    specs = yaml.safe_load(content(role, "meta/argument_specs.yml"))
    return specs["argument_specs"]["main"]["options"]


@EVERY_ROLE
@EVERY_FILE
def test_what_is_generated_in_a_role_is_up_to_date(role, file):
    text = content(role, file)
    assert renewed(role, file, text) == text, f"{role.path(file)} is not up to date; run: make tables"


@EVERY_ROLE
def test_every_variable_with_a_default_is_documented_and_the_other_way_round(role):
    refused = {f"{role.prefix}{name}" for name in NOT_IN_ROLES}
    variables = set(yaml.safe_load(content(role, "defaults/main.yml"))) - refused
    book = (ROOT / f"playbooks/{role.name}.yml").read_text(encoding="utf-8")
    variables |= set(re.findall(rf"(?<!#)\b{role.prefix}\w+", re.sub("(?m)^ *#.*", "", book)))
    assert variables == set(spec(role)), "defaults, or the playbook, and meta/argument_specs.yml differ"


@EVERY_ROLE
def test_every_option_of_a_role_has_sentences_of_its_own(role):
    for name, option in spec(role).items():
        lines = option["description"]
        assert all(line.endswith((".", ")")) and not line.startswith("The option ") for line in lines), name
        example = f"encrypt_string --name {name})" if option.get("no_log") else f"For example C({name}: "
        assert any(example in line for line in lines), name
    assert "{{" not in content(role, "meta/argument_specs.yml"), (
        "ansible-core would evaluate it for each host"
    )


@EVERY_ROLE
def test_defaults_that_are_documented_are_the_roles(role):
    defaults = yaml.safe_load(content(role, "defaults/main.yml"))
    for name, option in spec(role).items():
        if option.get("default"):
            assert option["default"] == defaults[name], name


@EVERY_ROLE
def test_a_made_up_option_is_missed_in_the_files_of_the_role(role):
    group = {"moon_phase": text("Phase of the moon.", example="full"), "crater": switch("Whether to land.")}
    bigger = replace(role, groups=(*role.groups, group))
    for file in FILES:
        fresh = renewed(bigger, file, content(role, file))
        assert f"{role.prefix}moon_phase:" in fresh and fresh != content(role, file)


@pytest.mark.parametrize("name", ["timezone", "max_instances"])
def test_an_option_deleted_from_a_role_is_missed(name):
    role = ROLES[0]
    for file in FILES:
        lines = content(role, file).splitlines(keepends=True)
        shorter = "".join(line for line in lines if f"{role.prefix}{name}:" not in line)
        assert renewed(role, file, shorter) != shorter


def test_a_sentence_about_an_option_of_the_module_names_the_variable_of_the_role():
    sentence = role_options._variables(ROLES[0], "With O(force=true), O(filters.zone), RV(plan_id), V(x).")
    assert sentence == "With O(rebuild_force=true), C(filters.zone), C(plan_id), V(x)."
