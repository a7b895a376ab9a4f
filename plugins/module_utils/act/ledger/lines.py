# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A line of the ledger as text. It begins with the instance id, by which other lines are skipped unparsed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...core.errors import CloudError

Line = dict[str, Any]
# Called with the lines that others have added since the last time; returns the lines to add.
Answer = Callable[[Sequence[Line]], Iterable[Mapping[str, Any]]]
# One line that says the same as all lines of one request, or None while the request is open. Folding its own
# result again, with or without later lines, must give what folding all lines at once gives.
Fold = Callable[[Sequence[Line]], "Line | None"]

BEGINNING = b'{"instance_id": '
_KEY = re.compile(rb'\{"instance_id": ("(?:[^"\\]|\\.)*")')
# Lines that structure a file and tell of no request.
STRUCTURE = ("ledger", "tail_of")
UNREADABLE_LINE = "contains a line that is none of a ledger"


def key_of(instance_id: str) -> bytes:
    """The instance id as it stands in a line. It ends with a quote, so that no key begins another one."""
    return json.dumps(instance_id).encode()


def text_of(line: Mapping[str, Any]) -> bytes:
    """The line with its line feed, the instance id and the scope first."""
    first = {name: line[name] for name in ("instance_id", "scope") if name in line}
    return json.dumps({**first, **line}).encode() + b"\n"


def parse(text: bytes) -> Line | None:
    """The line, or None for what tells of no request: structure, or what a killed process left half written.

    Raises CloudError for what is no line of a ledger.
    """
    try:
        line = json.loads(text)
    except ValueError:
        return None
    if isinstance(line, dict) and isinstance(line.get("instance_id"), str):
        return line
    if isinstance(line, dict) and any(name in line for name in STRUCTURE):
        return None
    raise CloudError(f"{UNREADABLE_LINE}: check the path")


def begins(line: Mapping[str, Any], known: bool) -> bool:
    """Whether it is the first line of a request, or all that was known when the ledger was compacted.

    ``known`` says whether its request was begun before: a later line can repeat the state. A first line that
    lacks what this version writes is to be an error, and not passed over: the request would be sent again.
    """
    return "baseline" in line or (not known and line.get("state") == "intended")


def about(texts: Iterable[bytes], keys: Collection[bytes] | None) -> Iterator[Line]:
    """The lines about the instances with these keys (None: all), in order. Raises CloudError as ``parse``."""
    for text in texts:
        key = _KEY.match(text)
        if keys is not None and key and key[1] not in keys:
            continue
        line = parse(text) if text.strip() else None
        if line and (keys is None or key or key_of(line["instance_id"]) in keys):
            yield line
