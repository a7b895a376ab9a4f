# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests whose parameters are a flat form (``Filters.0.Name=zone``), turned into the nested form of JSON.

After "API Introduction" (cloud.tencent.com/doc/api/229/6984): items of a list are numbered. Values of a form
are texts; the fields say which of them are numbers and flags.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping
from typing import Any

from emulator.wires.tencent.fields import Field


def pairs(text: str) -> list[tuple[str, str]] | None:
    """The decoded parameters of a query or a form body, or None when it is no form."""
    try:
        return urllib.parse.parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), encoding="utf-8", errors="strict"
        )
    except ValueError:
        return None


def nested(flat: Mapping[str, str], known: Mapping[str, Field]) -> dict[str, Any]:
    """The parameters as a JSON client would have sent them; what does not fit is left for the check of
    types.
    """
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        here = tree
        *parents, last = name.split(".")
        for part in parents:
            below = here.setdefault(part, {})
            if not isinstance(below, dict):
                below = here[part] = {}
            here = below
        here[last] = value
    return {name: _typed(value, known.get(name)) for name, value in tree.items()}


def _typed(value: Any, known: Field | None) -> Any:
    kind, fields = (known.kind, known.fields) if known else ("", {})
    if isinstance(value, dict) and kind in ("texts", "objects"):
        item = Field("object", fields=fields) if kind == "objects" else None
        return [_typed(value[index], item) for index in sorted(value, key=_position)]
    if isinstance(value, dict):
        return {name: _typed(part, fields.get(name)) for name, part in value.items()}
    return _typed_text(value, kind)


def _typed_text(value: str, kind: str) -> Any:
    if kind == "number" and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if kind == "flag" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


def _position(index: str) -> tuple[int, str]:
    return (int(index), "") if index.isdecimal() else (10**9, index)
