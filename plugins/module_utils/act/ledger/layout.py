# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How a compacted ledger file is laid out, and where an instance's lines are in it.

A compacted file has a head, which says up to where the lines are in the order of their instance ids, those
lines, and a mark; what is added later comes after it. So an instance is found by bisection, however long the
history is. A file whose mark is not where the head says was edited, and is read from end to end.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Collection
from typing import NamedTuple

from ...core.errors import CloudError
from .lines import BEGINNING

FORMAT = 1
# It pays to compact when what was added since has LEAST bytes and is more than a PARTth of what is sorted: a
# compaction takes time for all of it, a call for what was added.
LEAST, PART = 1 << 20, 8
HEAD_BYTES = 160


class Layout(NamedTuple):
    """Where the sorted lines begin and end, and where the others begin."""

    start: int = 0
    end: int = 0
    tail: int = 0

    def pays(self, size: int) -> bool:
        """Whether a file of this size is worth compacting."""
        return size - self.tail >= max(LEAST, (self.end - self.start) // PART)


def identity_of(descriptor: int) -> tuple[int, int, bytes]:
    """What tells a file from others at its path, before and after: inodes are used again, heads are not."""
    file = os.fstat(descriptor)
    return file.st_dev, file.st_ino, _head_in(os.pread(descriptor, HEAD_BYTES, 0))


def layout_of(data: mmap.mmap) -> Layout:
    """Raises CloudError for a file of a later format."""
    head = _head_in(data[:HEAD_BYTES])
    if not head:
        return Layout()
    try:
        header = json.loads(head)
        version, end, mark = header["ledger"], header["sorted"], mark_of(header["generation"])
    except (ValueError, KeyError):
        return Layout()
    if version != FORMAT:
        raise CloudError(
            f"has format {version}, but this version of reforge.cloud knows only {FORMAT}: upgrade it"
        )
    return Layout(len(head), end, end + len(mark)) if data[end : end + len(mark)] == mark else Layout()


def sorted_about(data: mmap.mmap, layout: Layout, keys: Collection[bytes]) -> list[bytes]:
    """The sorted lines about the instances with these keys."""
    texts: list[bytes] = []
    low = layout.start
    for beginning in sorted(BEGINNING + key for key in keys):
        low = first_from(data, low, layout.end, beginning)
        start, low = low, after(data, low, layout.end, beginning)
        texts += data[start:low].split(b"\n")[:-1]
    return texts


def head_of(generation: str, end: int) -> bytes:
    """The first line of a file whose sorted lines end there; it is always of the same length."""
    return f'{{"ledger": {FORMAT}, "generation": "{generation}", "sorted": {end:20}}}\n'.encode()


def _head_in(beginning: bytes) -> bytes:
    """The head of a file that begins so; empty for one that was never compacted."""
    return beginning[: beginning.find(b"\n") + 1] if beginning.startswith(b'{"ledger"') else b""


def mark_of(generation: str) -> bytes:
    """The line after the sorted ones."""
    return f'{{"tail_of": "{generation}"}}\n'.encode()


def first_from(data: mmap.mmap, low: int, high: int, beginning: bytes) -> int:
    """Where the first line stands whose beginning is not smaller."""
    while low < high:
        middle = max(data.rfind(b"\n", low, (low + high) // 2) + 1, low)
        if data[middle : middle + len(beginning)] < beginning:
            low = data.find(b"\n", middle) + 1
        else:
            high = middle
    return low


def after(data: mmap.mmap, low: int, high: int, beginning: bytes) -> int:
    """Where the lines with this beginning end, the first of which stands at ``low``."""
    while low < high and data[low : low + len(beginning)] == beginning:
        low = data.find(b"\n", low) + 1
    return low
