# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Values out of a vendor's record, in which any optional field may be absent, null or of an unexpected form;
and those of a request without what is absent.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

_GIB = {"": 1.0, "M": 1 / 1024, "G": 1.0, "T": 1024.0}
_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([MGT]?)(?:i?B)?\s*", re.IGNORECASE)


def present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request that have a value, without those that nobody asked for."""
    return {name: value for name, value in fields.items() if value is not None}


def whole(value: Any) -> int | None:
    """A whole number, also one written as text; None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def gib(value: Any) -> int:
    """A size in GiB, rounded up: a number, or text such as ``30`` or ``30 GiB``; 0 where it cannot be
    read.
    """
    match = _SIZE.fullmatch(str(value))
    return math.ceil(float(match[1]) * _GIB[match[2].upper()]) if match else 0


def text(value: Any) -> str | None:
    """Text, also of a number; None where there is none."""
    return str(value) if isinstance(value, (str, int, float)) and str(value) else None


def plain(value: Any) -> str:
    """Text, also of a number; empty where there is none."""
    return text(value) or ""


def texts(value: Any) -> tuple[str, ...]:
    """A list of text without its empty items; a single text counts as a list of one."""
    items = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(line for line in map(text, items) if line)


def part(record: Any, name: str) -> Mapping[str, Any]:
    """The record below ``name``; empty where there is none."""
    value = record.get(name) if isinstance(record, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def parts(record: Any, name: str) -> list[Mapping[str, Any]]:
    """The records in the list below ``name``; empty where there is none."""
    value = record.get(name) if isinstance(record, Mapping) else None
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, (list, tuple)) else []


def by_reach(addresses: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Addresses in two groups, for lists that do not tell: those reachable from everywhere, and the private
    ones.
    """
    public: list[str] = []
    private: list[str] = []
    for address in addresses:
        try:
            (private if ipaddress.ip_address(address).is_private else public).append(address)
        except ValueError:
            continue
    return tuple(public), tuple(private)


def once(*lists: Iterable[str]) -> tuple[str, ...]:
    """All items of the lists in their order, each once."""
    return tuple(dict.fromkeys(item for items in lists for item in items))
