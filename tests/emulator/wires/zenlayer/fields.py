# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each action takes, and the check of it: types, limits and patterns, with the vendor's common error
codes.

Not documented, and chosen here: an unknown field is refused as INVALID_PARAMETER_VALUE, because it is a
mistake in any client; a field that is null counts as absent, as the vendor's SDKs may send it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.wire import Context, VendorError


@dataclass(frozen=True)
class Field:
    """One request field. ``kind``: text, texts, flag, number, numbers, tags, or object and objects with
    ``parts``.

    The limits are characters, items or values.
    """

    kind: str = "text"
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""
    choices: tuple[Any, ...] = ()
    parts: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """One action of a service: its fields, what it does, and whether it changes anything."""

    name: str
    fields: Mapping[str, Field]
    perform: Callable[[Context], Mapping[str, Any]]
    writes: bool = False


# "The maximum number of instances in each request is 100" (Zenlayer API: RebootInstances and its siblings).
# ResetInstances states no number; it gets the same one.
SOME_IDS = Field("texts", maximum=100)
IDS = Field("texts", required=True, minimum=1, maximum=100)
ID = Field(required=True, minimum=1)
NAME = Field(minimum=2, maximum=63, pattern=r"[A-Za-z0-9.-]+")
PAGE = {"pageSize": Field("number", minimum=1, maximum=1000), "pageNum": Field("number", minimum=1)}
TAGS = {"tagKeys": Field("texts", maximum=20), "tags": Field("tags", maximum=20)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "texts": lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    "flag": lambda value: isinstance(value, bool),
    "number": _is_number,
    "numbers": lambda value: isinstance(value, list) and all(_is_number(item) for item in value),
    "object": lambda value: isinstance(value, dict),
    "objects": lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value),
    "tags": lambda value: isinstance(value, list) and all(_is_tag(item) for item in value),
}


def validate(document: Mapping[str, Any], known: Mapping[str, Field]) -> dict[str, Any]:
    """The fields that were given, all of the right type and size; raises the vendor's validation errors (HTTP
    400).
    """
    given = {name: value for name, value in document.items() if value is not None}
    for name in given:
        if name not in known:
            raise VendorError("INVALID_PARAMETER_VALUE", f"The parameter {name} is not known.")
    for name, wanted in known.items():
        if name in given:
            _check(name, given[name], wanted)
        elif wanted.required:
            raise VendorError("MISSING_PARAMETER", f"The parameter {name} is missing.")
    return given


def _check(name: str, value: Any, wanted: Field) -> None:
    if not _TYPES[wanted.kind](value):
        raise VendorError("INVALID_PARAMETER_TYPE", f"The parameter {name} has the wrong type.")
    for item in {"object": [value], "objects": value}.get(wanted.kind, ()):
        validate(item, wanted.parts)
    _check_size(name, value, wanted)
    if wanted.pattern and not re.fullmatch(wanted.pattern, value):
        raise VendorError(
            "INVALID_PARAMETER_PATTERN_ERROR", f"The parameter {name} has the wrong characters."
        )
    if wanted.choices and value not in wanted.choices:
        raise VendorError("INVALID_PARAMETER_VALUE", f"The parameter {name} has a value that is not allowed.")


def _check_size(name: str, value: Any, wanted: Field) -> None:
    size = value if wanted.kind == "number" else len(value) if wanted.kind != "flag" else 0
    is_text = wanted.kind == "text"
    if wanted.maximum is not None and size > wanted.maximum:
        raise VendorError(
            f"INVALID_PARAMETER_EXCEED_{'LENGTH' if is_text else 'MAXIMUM'}",
            f"The parameter {name} exceeds {wanted.maximum}.",
        )
    if wanted.minimum is not None and size < wanted.minimum:
        raise VendorError(
            f"INVALID_PARAMETER_LESS_{'LENGTH' if is_text else 'MINIMUM'}",
            f"The parameter {name} is below {wanted.minimum}.",
        )


def _is_tag(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and set(item) <= {"key", "value"}
        and all(isinstance(value, str) for value in item.values())
        and "key" in item
    )
