# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an option of a module is, as data, and the argument spec that is made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# What Ansible's argument spec takes, with a description of full sentences and an example.
Option = Mapping[str, Any]

# ``more`` gives further sentences, which need all providers: only who writes documentation calls it.
DOCUMENTATION_ONLY = ("description", "more", "example", "options")


def text(*description: str, **details: Any) -> Option:
    """An option that takes a string."""
    return {"description": list(description), "type": "str", **details}


def secret(*description: str, **details: Any) -> Option:
    """A string that is never shown."""
    return text(*description, no_log=True, **details)


def path(*description: str, **details: Any) -> Option:
    """The path of a file or folder on the machine that runs the module."""
    return {"description": list(description), "type": "path", **details}


def number(*description: str, **details: Any) -> Option:
    """An option that takes a whole number."""
    return {"description": list(description), "type": "int", **details}


def switch(*description: str, **details: Any) -> Option:
    """An option that is on or off, or neither where it has no default."""
    return {"description": list(description), "type": "bool", "example": True, **details}


def texts(*description: str, **details: Any) -> Option:
    """A list of strings."""
    return {"description": list(description), "type": "list", "elements": "str", **details}


def mapping(*description: str, **details: Any) -> Option:
    """Names and values of any form."""
    return {"description": list(description), "type": "dict", **details}


def choice(choices: Sequence[str], *description: str, **details: Any) -> Option:
    """One of some words."""
    return {"description": list(description), "type": "str", "choices": list(choices), **details}


def filters(subject: str, options: Mapping[str, Option], example: Mapping[str, Any]) -> Option:
    """The option that narrows a list."""
    sentence = f"Only {subject} that match all of these filters. If a filter is a list, one value must match."
    return {"description": [sentence], "type": "dict", "options": options, "example": example}


def argument_spec(*groups: Mapping[str, Option]) -> dict[str, Any]:
    """The argument_spec of a module that has these groups of options."""
    return {name: _argument(name, option) for group in groups for name, option in group.items()}


def _argument(name: str, option: Option) -> dict[str, Any]:
    argument = {key: value for key, value in option.items() if key not in DOCUMENTATION_ONLY}
    if "options" in option:
        argument["options"] = argument_spec(option["options"])
    if "key" in name or "pass" in name:
        argument.setdefault("no_log", False)  # an id, not a secret: said so, or Ansible warns
    return argument
