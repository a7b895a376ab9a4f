# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of the roles that are options of their module: argument specs and defaults, made from the
module's data.

``make tables`` writes them between two comments of each file. What stands outside of them is the role's own.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ansible_collections.reforge.cloud.plugins.module_utils.commands.connection_options import CONNECTION
from ansible_collections.reforge.cloud.plugins.module_utils.commands.option_docs import sentences
from ansible_collections.reforge.cloud.plugins.module_utils.commands.option_types import Option
from ansible_collections.reforge.cloud.plugins.module_utils.commands.options import (
    GUARDS,
    REBOOT,
    RESET,
    WAITING,
)
from tools.readme_tables import ROOT

BEGIN = "# Made by make tables from the options of {module}.\n"
END = "# End of what make tables made.\n"

# Options of the modules that a role does not have, and why.
NOT_IN_ROLES = {
    "instance_ids": "the instances are those of the play's hosts",
    "instances": "the instances are those of the play's hosts",
    "expect_plan": "rebuild_confirm takes the id of a plan; a batch is bound to its plan by the role",
    "expect_digest": "the role sends the digest of what was planned",
    "awaits_proof": "the role says itself that it will log in",
    "system_before": "the role has seen the system itself",
    "wait": "a role always waits for the end",
}


# What is to be said of an option where it is a role's, in place of the module's own default.
OF_ROLES = {
    "mode": ["By default V(soft_then_hard), at providers that have several ways."],
    "run_id": ["If not set, the role makes one and shows it with the plan."],
    "max_instances": ["A role makes one call for each account and region, and each counts by itself."],
}


@dataclass(frozen=True)
class Role:
    """A role, and the module whose options it hands on."""

    name: str
    module: str
    groups: tuple[Mapping[str, Option], ...]

    @property
    def prefix(self) -> str:
        """What the role's variables begin with."""
        return f"{self.name}_"

    @property
    def options(self) -> dict[str, Option]:
        """The options of the module that are variables of the role."""
        return {
            name: option
            for group in self.groups
            for name, option in group.items()
            if name not in NOT_IN_ROLES
        }

    def path(self, file: str) -> str:
        """The path of one of the role's files."""
        return f"roles/{self.name}/{file}"


ROLES = (
    Role("rebuild", "instance_reset", (CONNECTION, RESET, GUARDS, WAITING)),
    Role("reboot", "instance_reboot", (CONNECTION, REBOOT, GUARDS, WAITING)),
)


def own_defaults(role: Role) -> dict[str, Any]:
    """The defaults that the role sets itself."""
    text = (ROOT / role.path("defaults/main.yml")).read_text(encoding="utf-8")
    begin = BEGIN.format(module=role.module)
    if begin in text:
        text = text[: text.index(begin)] + text[text.index(END) :]
    values: dict[str, Any] = yaml.safe_load(text)
    return values


def default_of(role: Role, name: str) -> Any:
    """The role's own default of an option where it is a value; None where it is empty or a template."""
    value = own_defaults(role).get(f"{role.prefix}{name}")
    return None if value in ("", [], None) or "{{" in str(value) else value


def _variables(role: Role, sentence: str) -> str:
    """A sentence about options of the module as one about variables of the role."""

    def variable(match: re.Match[str]) -> str:
        name = re.split(r"[=.\[]", match[1])[0]
        return f"O({role.prefix}{match[1]})" if name in role.options else f"C({match[1]})"

    return re.sub(r"\bRV\(([^)]*)\)", r"C(\1)", re.sub(r"(?<!R)\bO\(([^)]*)\)", variable, sentence))


def _example(role: Role, name: str, option: Option) -> str:
    """A value to copy.

    An argument spec must hold no template: ansible-core would evaluate it for each host.
    """
    if "{{" in str(option.get("example", "{{")):
        encrypt = f"C(ansible-vault encrypt_string --name {role.prefix}{name})"
        return f"Keep it encrypted, for example with {encrypt}." if option.get("no_log") else ""
    value = option["example"]
    return f"For example C({role.prefix}{name}: {value if isinstance(value, str) else json.dumps(value)})."


def _description(role: Role, name: str, option: Option) -> list[str]:
    lines = [_variables(role, sentence) for sentence in sentences(name, option)]
    if name in OF_ROLES:
        lines = [*(line for line in lines if not line.startswith("By default ")), *OF_ROLES[name]]
    lines += [*_values(role, name, option), _example(role, name, option)]
    return [line for line in lines if line]


def _values(role: Role, name: str, option: Option) -> list[str]:
    """The values that there are, and the one that counts if the role's variable is not set."""
    lines = []
    if "choices" in option:
        lines.append(f"One of {', '.join(f'V({choice})' for choice in option['choices'])}.")
    if default_of(role, name) is None and option.get("default") is not None:
        lines.append(f"By default V({json.dumps(option['default']).strip(chr(34))}).")
    return lines


def _type(role: Role, name: str, option: Option) -> str:
    """A number or a switch that is empty by default is raw: the answer to a survey may be empty, which means
    unset.
    """
    if option["type"] in ("int", "bool", "dict") and default_of(role, name) is None:
        return "raw"
    return str(option["type"])


def _block(lines: list[str]) -> str:
    """A list of sentences as YAML, in lines of a readable length."""
    text = ""
    for line in lines:
        if len(line) < 95:
            text += f"          - {json.dumps(line, ensure_ascii=False)}\n"
        else:
            wrapped = textwrap.wrap(line, 95, break_long_words=False, break_on_hyphens=False)
            text += "          - >-\n" + "".join(f"            {part}\n" for part in wrapped)
    return text


def argument_spec(role: Role) -> str:
    """The part of the role's argument specs that is made from the module's options."""
    text = ""
    for name, option in role.options.items():
        text += (
            f"      {role.prefix}{name}:\n        description:\n{_block(_description(role, name, option))}"
        )
        text += f"        type: {_type(role, name, option)}\n"
        if option["type"] == "list":
            text += f"        elements: {option['elements']}\n"
        if default_of(role, name) is not None:
            text += f"        default: {json.dumps(default_of(role, name))}\n"
        if option.get("no_log"):
            text += "        no_log: true\n"
    return text


def defaults(role: Role) -> str:
    """The defaults of all options that the role does not set itself: null is the module's own default."""
    own = own_defaults(role)
    return "".join(
        f"{role.prefix}{name}: null\n" for name in role.options if f"{role.prefix}{name}" not in own
    )


FILES: dict[str, Callable[[Role], str]] = {
    "meta/argument_specs.yml": argument_spec,
    "defaults/main.yml": defaults,
}


def renewed(role: Role, file: str, text: str) -> str:
    """The text of a file of the role as it should be. Raises ValueError where the comments are missing."""
    begin = BEGIN.format(module=role.module)
    start = text.index(begin) + len(begin)
    end = text.index(END)
    indent = text[text.rindex("\n", 0, end) + 1 : end]
    return text[:start] + FILES[file](role) + indent + text[end:]


def renew() -> None:
    """Write the files as they should be."""
    for role in ROLES:
        for file in FILES:
            path = ROOT / role.path(file)
            path.write_text(renewed(role, file, path.read_text(encoding="utf-8")), encoding="utf-8")
