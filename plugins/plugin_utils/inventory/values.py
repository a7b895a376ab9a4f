# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Values of the inventory's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.collections import is_sequence


def plain(value: Any) -> Any:
    """The value in the types of JSON; a text that ansible-core marks in some way becomes a bare one."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    return [plain(member) for member in value] if is_sequence(value) else str(value)
