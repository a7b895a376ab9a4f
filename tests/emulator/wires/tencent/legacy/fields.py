# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each legacy action takes. All values are texts; lists are numbered (``instanceIds.0``), from 0 or from
1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.wire import Context
from emulator.wires.tencent.legacy.errors import Refusal


@dataclass(frozen=True)
class Field:
    """One parameter. ``kind``: text, texts or number; the bounds are for a number or the length of a list."""

    kind: str = "text"
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True)
class Action:
    """One action: its parameters, what it does, and whether it changes anything."""

    name: str
    fields: Mapping[str, Field]
    perform: Callable[[Context], Mapping[str, Any]]
    writes: bool = False


def read(given: Mapping[str, str], known: Mapping[str, Field]) -> dict[str, Any]:
    """The parameters of an action, typed and checked; code 4000 for everything that is wrong with them."""
    found: dict[str, Any] = {}
    for name, text in given.items():
        plain, dot, index = name.partition(".")
        field = known.get(plain)
        if field is None or not _is_written_well(field, dot, index):
            raise Refusal(4000, f"The parameter {name} is not known.")
        if field.kind == "texts":
            found.setdefault(plain, {})[int(index)] = text
        else:
            found[plain] = _value(name, text, field)
    for name, field in known.items():
        if name in found:
            found[name] = _whole(name, found[name], field)
        elif field.required:
            raise Refusal(4000, f"The parameter {name} is missing.")
    return found


def _whole(name: str, value: Any, field: Field) -> Any:
    """A list in the order of its numbers; anything else as it is."""
    if field.kind != "texts":
        return value
    texts = [text for _index, text in sorted(value.items())]
    _check_bounds(name, len(texts), field)
    return texts


def _is_written_well(field: Field, dot: str, index: str) -> bool:
    """Lists are numbered, and nothing else is."""
    return (field.kind == "texts") == bool(dot) and (not dot or index.isdecimal())


def old_id(instance_id: str) -> str:
    """The id of an instance from older days, which the pages show as qcvm12345."""
    return instance_id.replace("ins-", "qcvm", 1)


def new_id(given: str) -> str:
    """The present id for either of the two."""
    return given.replace("qcvm", "ins-", 1) if given.startswith("qcvm") else given


def _value(name: str, text: str, field: Field) -> Any:
    if field.kind != "number":
        return text
    if not re.fullmatch(r"-?[0-9]{1,10}", text):
        raise Refusal(4000, f"The parameter {name} is no number.")
    _check_bounds(name, int(text), field)
    return int(text)


def _check_bounds(name: str, size: int, field: Field) -> None:
    if (field.minimum is not None and size < field.minimum) or (
        field.maximum is not None and size > field.maximum
    ):
        raise Refusal(4000, f"The parameter {name} is out of its bounds.")
