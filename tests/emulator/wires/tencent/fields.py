# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each action of an API 3.0 service takes, and the check of it, with the vendor's common error codes.

Codes after "Error Codes" of the services (cloud.tencent.com/document/api/213/30435): UnknownParameter for a
field that is not defined, MissingParameter, InvalidParameter for a wrong format or type,
InvalidParameterValue for a wrong value. A service's own codes for limits and formats stand in its fields.

Not documented, and chosen here: a field that is null counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emulator.wire import Context, VendorError


@dataclass(frozen=True)
class Field:
    """One request field. ``kind``: text, texts, flag, number, object or objects.

    ``minimum`` and ``maximum`` bound a number or the length of a list. ``pattern`` is for a text or each of
    the texts. ``empty``, ``excess``, ``lack``, ``repeated`` and ``malformed`` are the codes for what is
    outside; no code for ``repeated`` means that the same text may come twice.
    """

    kind: str = "text"
    required: bool = False
    fields: Mapping[str, Field] = field(default_factory=dict)
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""
    choices: tuple[str, ...] = ()
    empty: str = "MissingParameter"
    excess: str = "InvalidParameterValue"
    lack: str = "InvalidParameterValue"
    repeated: str = ""
    malformed: str = "InvalidParameterValue"

    def needed(self) -> Field:
        """The same field, required; a list must then have an item."""
        return replace(self, required=True)


@dataclass(frozen=True)
class Action:
    """One action: its fields, what it does, whether it changes anything, and whether it needs a region."""

    name: str
    fields: Mapping[str, Field]
    perform: Callable[[Context], Mapping[str, Any]]
    writes: bool = False
    regional: bool = True


def refusal(code: str, message: str) -> VendorError:
    """An error of API 3.0: its HTTP status is 200 too."""
    return VendorError(code, message, 200)


def validate(document: Mapping[str, Any], known: Mapping[str, Field], where: str = "") -> dict[str, Any]:
    """The fields that were given, checked down to the last leaf."""
    given = {name: value for name, value in document.items() if value is not None}
    for name in given:
        if name not in known:
            raise refusal("UnknownParameter", f"The parameter `{where}{name}` is not recognized.")
    for name, each in known.items():
        if name in given:
            given[name] = _checked(f"{where}{name}", given[name], each)
        elif each.required:
            raise refusal(each.empty, f"The request is missing a required parameter `{where}{name}`.")
    return given


def _checked(name: str, value: Any, known: Field) -> Any:
    if not _TYPES[known.kind](value):
        raise refusal("InvalidParameter", f"The parameter `{name}` is not of the type {known.kind}.")
    if known.kind == "object":
        return validate(value, known.fields, f"{name}.")
    if known.kind == "objects":
        _check_size(name, len(value), known)
        return [validate(item, known.fields, f"{name}.{index}.") for index, item in enumerate(value)]
    _check_plain(name, value, known)
    if known.repeated and len(set(value)) != len(value):
        raise refusal(known.repeated, f"The parameter `{name}` has a value twice.")
    return value


def _check_plain(name: str, value: Any, known: Field) -> None:
    if known.kind == "number":
        _check_size(name, value, known)
    elif known.kind == "text":
        _check_text(name, value, known)
    elif known.kind == "texts":
        _check_size(name, len(value), known)
        for text in value:
            _check_text(name, text, known)


def _check_size(name: str, size: int, known: Field) -> None:
    if known.kind != "number" and known.required and not size and known.minimum != 0:
        raise refusal(known.empty, f"The parameter `{name}` is empty.")
    if known.maximum is not None and size > known.maximum:
        raise refusal(known.excess, f"The parameter `{name}` exceeds {known.maximum}.")
    if known.minimum is not None and size < known.minimum:
        raise refusal(known.lack, f"The parameter `{name}` is below {known.minimum}.")


def _check_text(name: str, text: str, known: Field) -> None:
    if known.pattern and not re.fullmatch(known.pattern, text):
        raise refusal(known.malformed, f"The parameter `{name}` has a malformed value.")
    if known.choices and text not in known.choices:
        raise refusal(known.malformed, f"The parameter `{name}` is none of {', '.join(known.choices)}.")


_TYPES: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "texts": lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    "flag": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "objects": lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value),
}
