# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said to be on disk is there, whole and before the request leaves."""

from __future__ import annotations

import errno
import math
import os
import stat

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger import line_file
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.ledger import Ledger
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.line_file import LineFile
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Outcome

OFF = {"status": "stopped"}


class Disk:
    """Passes on to os, writes down what is done, and has but some bytes left."""

    def __init__(self) -> None:
        self.done, self.room, self.no_folders = [], math.inf, 0

    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, descriptor, data):
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.done.append("write")
        written = os.write(descriptor, data[: min(len(data), self.room)])
        self.room -= written
        return written

    def fsync(self, descriptor):
        of_a_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        self.done.append("fsync of the folder" if of_a_folder else "fsync")
        if of_a_folder and self.no_folders:
            raise OSError(self.no_folders, "Invalid argument")
        os.fsync(descriptor)


@pytest.fixture
def disk(monkeypatch):
    made = Disk()
    monkeypatch.setattr(line_file, "os", made)
    return made


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "ledger")


def test_an_intention_is_written_and_flushed_before_its_request_leaves_and_the_answer_after_it(
    disk, path, sky, clock
):
    sky.seed(a=OFF)
    sky.hooks.append(lambda request: request.writes and disk.done.append(request.action))
    sky.reset(["a"], ledger=Ledger(path, "s", "r", clock))
    noted = ["write", "fsync"]
    assert disk.done == [*noted, "fsync of the folder", "ResetInstances", *noted, *noted]


@pytest.mark.parametrize("name", ["ledger", "./ledger"])
def test_a_file_without_a_folder_in_its_name_is_in_this_one(disk, monkeypatch, tmp_path, name):
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        LineFile(name).append(lambda news, number=number: [{"number": number}])
    assert disk.done == ["write", "fsync", "fsync of the folder", "write", "fsync"]


def test_where_a_folder_cannot_be_flushed_a_file_is_written_all_the_same(disk, path):
    disk.no_folders = errno.EINVAL
    LineFile(path).append(lambda news: [{"number": 1}])
    assert LineFile(path).unread() == [{"number": 1}]


def test_a_folder_on_a_broken_disk_is_an_error(disk, path):
    disk.no_folders = errno.EIO
    with pytest.raises(OSError):
        LineFile(path).append(lambda news: [{"number": 1}])


@pytest.mark.parametrize("room", [0, 1, 700])
def test_nothing_is_sent_when_the_disk_takes_but_a_part_of_the_intentions(disk, path, sky, clock, room):
    sky.seed(a=OFF, b=OFF, c=OFF)
    disk.room = room
    report = sky.reset(["a", "b", "c"], ledger=Ledger(path, "s", "r", clock))
    assert {(item.end.outcome, item.end.reason) for item in report.items} == {(Outcome.FAILED, "not_noted")}
    assert sky.requests("ResetInstances") == [] and "No space left" in report.items[0].end.sentence


def test_what_was_written_by_halves_is_passed_over_by_the_next_who_reads_or_writes(disk, path):
    disk.room = 10
    with pytest.raises(OSError):
        LineFile(path).append(lambda news: [{"number": 1}])
    disk.room = math.inf
    LineFile(path).append(lambda news: [{"number": 2}])
    assert LineFile(path).unread() == [{"number": 2}]
