# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Values of the inventory's file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.collections import is_sequence

from ...module_utils.core.errors import InputError


def plain(value: Any) -> Any:
    """The value in the types of JSON; a text that ansible-core marks in some way becomes a bare one."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    return [plain(member) for member in value] if is_sequence(value) else str(value)


def evaluated(value: Any, where: str, template: Callable[[Any], Any]) -> Any:
    """The value without templates and vault, in plain types. Raises InputError that names the option."""
    if isinstance(value, Mapping):
        return {str(name): evaluated(member, f"{where}.{name}", template) for name, member in value.items()}
    if is_sequence(value):
        return [evaluated(member, f"{where}[{number}]", template) for number, member in enumerate(value)]
    try:
        return plain(template(value))
    except AnsibleError as error:
        # In one line and without its cause: the rest can show lines of the file, and one may hold a secret.
        kind = type(error).__name__
        reason = next(iter(str(error).splitlines()), kind)
        raise InputError(f"{where} cannot be evaluated: {reason}") from None
