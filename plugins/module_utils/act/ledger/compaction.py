# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Compaction of the ledger: sorted by instance, closed requests as one line each, nothing forgotten."""

from __future__ import annotations

import fcntl
import mmap
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence

from .layout import after, first_from, head_of, layout_of, mark_of
from .lines import BEGINNING, Fold, Line, key_of, parse, text_of
from .locked_file import flush_folder, is_at, wait_for, write_all


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
    end = len(head_of(generation, 0))
    os.lseek(new, end, os.SEEK_SET)
    for part in _compacted(data, size, fold):
        write_all(new, part)
        end += len(part)
    write_all(new, mark_of(generation))
    os.pwrite(new, head_of(generation, end), 0)


def _compacted(data: mmap.mmap, size: int, fold: Fold) -> Iterator[bytes]:
    """The sorted lines; those of instances without news as they are."""
    layout = layout_of(data)
    news = _by_beginning(_lines(data, layout.tail, size))
    at = layout.start
    for beginning in sorted(news):
        start = first_from(data, at, layout.end, beginning)
        yield data[at:start]
        at = after(data, start, layout.end, beginning)
        texts = [*data[start:at].split(b"\n"), *news.pop(beginning)]
        known = [line for line in map(parse, texts) if line]
        yield b"".join(map(text_of, _folded(known, fold)))
    yield data[at : layout.end]


def _lines(data: mmap.mmap, start: int, end: int) -> Iterator[bytes]:
    data.seek(start)
    while data.tell() < end:
        yield data.readline()


def _by_beginning(texts: Iterable[bytes]) -> dict[bytes, list[bytes]]:
    """The lines by how the sorted ones of their instance begin; as text, which takes less memory."""
    blocks: dict[bytes, list[bytes]] = {}
    for text in texts:
        line = parse(text)
        if line:
            blocks.setdefault(BEGINNING + key_of(line["instance_id"]), []).append(text)
    return blocks


def _folded(lines: Sequence[Line], fold: Fold) -> Iterator[Line]:
    """The lines of an instance by request, in the order in which these began."""
    requests: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        requests.setdefault((str(line.get("scope")), str(line.get("request"))), []).append(line)
    for (_scope, request), group in requests.items():
        summary = fold(group) if request and len(group) > 1 else None
        yield from [summary] if summary else group


def _copy_owner(path: str, beside: str) -> None:
    """Raises PermissionError where only somebody else can compact the file."""
    owner, own = os.stat(path), os.stat(beside)
    if (owner.st_uid, owner.st_gid) != (own.st_uid, own.st_gid):
        os.chown(beside, owner.st_uid, owner.st_gid)
