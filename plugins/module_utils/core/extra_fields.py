# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Fields of the vendor's own in a request: merged into the fields that we set, and never over one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def leaves(fields: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The paths of all values in nested fields, such as ``LoginSettings.KeyIds``; an empty object counts as a
    value.
    """
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{above}{name}.")
        else:
            yield above + name


def merge(fields: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The fields and, beside and within them, the extra ones; what is there stays."""
    result = dict(fields)
    for name, value in extra.items():
        present = fields.get(name)
        if isinstance(present, Mapping) and isinstance(value, Mapping):
            result[name] = merge(present, value)
        else:
            result.setdefault(name, value)
    return result


def conflict(path: str, others: Iterable[str]) -> str:
    """The path among the others that is the same field as this one, or lies in it, or around it; empty when
    none does.
    """
    return next(
        (
            other
            for other in others
            if f"{other}.".startswith(f"{path}.") or f"{path}.".startswith(f"{other}.")
        ),
        "",
    )


def excluded_pair(body: Mapping[str, Any], pairs: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The first of the pairs of which the body has both."""
    present = list(leaves(body))
    return next(
        (pair for pair in pairs if all(any(conflict(name, [path]) for path in present) for name in pair)),
        None,
    )


def extra_problem(extra: Mapping[str, Any], field_options: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """Why these fields cannot be added, as the rest of a sentence; empty when they can.

    ``field_options`` maps the fields that we set to the options for them, and ``body`` is what this request
    has already.
    """
    wrong = next((what for name, value in extra.items() if (what := _unusable(str(name), value))), "")
    if wrong:
        return wrong
    for path in leaves(extra):
        owner = conflict(path, field_options)
        if owner:
            return f"{path} is set by the option {field_options[owner]}"
        if conflict(path, leaves(body)):
            return f"{path} is already set by the other options of this call"
    return ""


def _unusable(name: str, value: Any) -> str:
    """Why this cannot be a field that is added; empty when it can."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name):
        return f"{name!r} is not the name of a field: use letters and digits, as on the vendor's page"
    if name.lower().startswith("instanceid"):
        return f"{name} would name instances: use the option instance_ids for them"
    if value is None or value == "":
        return f"{name} is empty: set a value or omit it"
    return ""
