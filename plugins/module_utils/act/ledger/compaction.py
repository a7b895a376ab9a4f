# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Compaction of the ledger's file: sorted by instance, closed requests as one line each, nothing forgotten.

A compacted file has a head, which says up to where the lines are in the order of their instance ids, those
lines, and a mark; what is added later comes after it. So an instance is found by bisection, however long the
history is. A file whose mark is not where the head says was edited, and is read from end to end.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import shutil
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...core.errors import CloudError
from .lines import BEGINNING, Fold, Line, key_of, parse, text_of
from .locked_file import flush_folder, is_at, wait_for, write_all

FORMAT = 1
# It pays when what was added since has LEAST bytes and is more than a PARTth of what is sorted: a compaction
# takes time for all of it, a call for what was added.
LEAST, PART = 1 << 20, 8
HEAD_BYTES = 160


@dataclass(frozen=True)
class Layout:
    """Where the sorted lines begin and end, and where the others begin."""

    start: int = 0
    end: int = 0
    tail: int = 0

    def pays(self, size: int) -> bool:
        """Whether a file of this size is worth compacting."""
        return size - self.tail >= max(LEAST, (self.end - self.start) // PART)


def identity_of(descriptor: int) -> tuple[int, int, bytes]:
    """What tells a file from others at its path, before and after: inodes are used again, heads are not."""
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino, _head_in(os.pread(descriptor, HEAD_BYTES, 0))


def layout_of(data: mmap.mmap) -> Layout:
    """Raises CloudError for a file of a later format."""
    head = _head_in(data[:HEAD_BYTES])
    if not head:
        return Layout()
    try:
        found = json.loads(head)
        version, end, mark = found["ledger"], found["sorted"], _mark(found["generation"])
    except (ValueError, KeyError):
        return Layout()
    if version != FORMAT:
        raise CloudError(f"has format {version}, this version knows {FORMAT}")
    return Layout(len(head), end, end + len(mark)) if data[end : end + len(mark)] == mark else Layout()


def sorted_about(data: mmap.mmap, layout: Layout, keys: Collection[bytes]) -> list[bytes]:
    """The sorted lines about the instances with these keys."""
    texts: list[bytes] = []
    low = layout.start
    for beginning in sorted(BEGINNING + key for key in keys):
        low = _first(data, low, layout.end, beginning)
        start, low = low, _after(data, low, layout.end, beginning)
        texts += data[start:low].split(b"\n")[:-1]
    return texts


def compact(path: str, fold: Fold) -> None:
    """Compact the file where it pays. Raises OSError or CloudError, and then the file is as it was.

    It is read and sorted while others go on; they wait only while what they have added since is copied. A
    process that is killed leaves the old file or the new one, both whole; an unfinished one is begun anew.
    """
    path = os.path.realpath(path)
    beside = f"{path}.new"
    new = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(new, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if is_at(new, beside):
            _replace(path, beside, new, fold)
    except BlockingIOError:
        return
    finally:
        os.close(new)


def _replace(path: str, beside: str, new: int, fold: Fold) -> None:
    old = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.ftruncate(new, 0)
        wait_for(old, fcntl.LOCK_SH)
        size = os.fstat(old).st_size
        fcntl.flock(old, fcntl.LOCK_UN)
        with mmap.mmap(old, size, access=mmap.ACCESS_READ) as data:
            read = data.rfind(b"\n") + 1
            if not layout_of(data).pays(read):  # somebody was faster
                return
            _write(new, data, read, fold)
        os.fsync(new)
        wait_for(old, fcntl.LOCK_EX)
        if is_at(old, path) and os.fstat(old).st_nlink == 1:
            write_all(new, os.pread(old, os.fstat(old).st_size - read, read))
            _copy_owner(path, beside)
            shutil.copystat(path, beside)
            os.fsync(new)
            os.rename(beside, path)
            # Who waits for the new file's lock writes only when its name is on the disk, too.
            flush_folder(os.path.dirname(path))
    finally:
        os.close(old)
        if is_at(new, beside):
            os.unlink(beside)


def _write(new: int, data: mmap.mmap, size: int, fold: Fold) -> None:
    generation = uuid.uuid4().hex
    end = len(_head(generation, 0))
    os.lseek(new, end, os.SEEK_SET)
    for part in _compacted(data, size, fold):
        write_all(new, part)
        end += len(part)
    write_all(new, _mark(generation))
    os.pwrite(new, _head(generation, end), 0)


def _compacted(data: mmap.mmap, size: int, fold: Fold) -> Iterator[bytes]:
    """The sorted lines; those of instances without news as they are."""
    layout = layout_of(data)
    news = _by_beginning(data[layout.tail : size].split(b"\n"))
    at = layout.start
    for beginning in sorted(news):
        start = _first(data, at, layout.end, beginning)
        yield data[at:start]
        at = _after(data, start, layout.end, beginning)
        known = [line for line in map(parse, data[start:at].split(b"\n")) if line]
        yield b"".join(map(text_of, _folded([*known, *news[beginning]], fold)))
    yield data[at : layout.end]


def _by_beginning(texts: Iterable[bytes]) -> dict[bytes, list[Line]]:
    found: dict[bytes, list[Line]] = {}
    for line in map(parse, texts):
        if line:
            found.setdefault(BEGINNING + key_of(line["instance_id"]), []).append(line)
    return found


def _folded(lines: Sequence[Line], fold: Fold) -> Iterator[Line]:
    """The lines of an instance by request, in the order in which these began."""
    requests: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        requests.setdefault((str(line.get("scope")), str(line.get("request"))), []).append(line)
    for (_scope, request), group in requests.items():
        one = fold(group) if request and len(group) > 1 else None
        yield from [one] if one else group


def _copy_owner(path: str, beside: str) -> None:
    """Raises PermissionError where only somebody else can compact the file."""
    owner, own = os.stat(path), os.stat(beside)
    if (owner.st_uid, owner.st_gid) != (own.st_uid, own.st_gid):
        os.chown(beside, owner.st_uid, owner.st_gid)


def _head(generation: str, end: int) -> bytes:
    return f'{{"ledger": {FORMAT}, "generation": "{generation}", "sorted": {end:20}}}\n'.encode()


def _head_in(beginning: bytes) -> bytes:
    """The head of a file that begins so; empty for one that was never compacted."""
    return beginning[: beginning.find(b"\n") + 1] if beginning.startswith(b'{"ledger"') else b""


def _mark(generation: str) -> bytes:
    return f'{{"tail_of": "{generation}"}}\n'.encode()


def _first(data: mmap.mmap, low: int, high: int, beginning: bytes) -> int:
    """Where the first line stands whose beginning is not smaller."""
    while low < high:
        middle = max(data.rfind(b"\n", low, (low + high) // 2) + 1, low)
        if data[middle : middle + len(beginning)] < beginning:
            low = data.find(b"\n", middle) + 1
        else:
            high = middle
    return low


def _after(data: mmap.mmap, low: int, high: int, beginning: bytes) -> int:
    """Where the lines with this beginning end, the first of which stands at ``low``."""
    while low < high and data[low : low + len(beginning)] == beginning:
        low = data.find(b"\n", low) + 1
    return low
