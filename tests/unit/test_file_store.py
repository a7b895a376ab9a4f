# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ledger as a file: where it is, who may read it, and what is on the disk when."""

from __future__ import annotations

import errno
import fcntl
import math
import os
import stat

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger import locked_file
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.file_store import FileStore
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.place import Place, place_of
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.stores import open_or_warn, open_store
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError


def line(number=1):
    return {"instance_id": "a", "scope": "s", "request": "r", "number": number}


def opened(path, **more):
    return FileStore(str(path), "s", ["a"], **more)


def add(path, *numbers):
    opened(path).append(lambda news: [line(number) for number in numbers])


def numbers(path):
    return [line["number"] for line in opened(path).unread()]


class Disk:
    """Passes on to os, writes down what is done, and has but some bytes left."""

    def __init__(self):
        self.done, self.room, self.no_folders, self.no_flush = [], math.inf, 0, 0

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
        trouble = self.no_folders if of_a_folder else self.no_flush
        if trouble:
            raise OSError(trouble, "Input/output error")
        os.fsync(descriptor)


@pytest.fixture
def disk(monkeypatch):
    made = Disk()
    monkeypatch.setattr(locked_file, "os", made)
    return made


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.jsonl"


@pytest.mark.parametrize("name", ["ledger", "./ledger"])
def test_lines_are_flushed_and_so_is_the_name_of_the_file(disk, monkeypatch, tmp_path, name):
    monkeypatch.chdir(tmp_path)
    store = opened(name)
    for _append in range(2):
        store.append(lambda news: [line()])
    assert disk.done == ["write", "fsync", "fsync of the folder", "write", "fsync"]


def test_an_answer_without_lines_touches_nothing_on_the_disk(disk, path):
    opened(path).append(lambda news: [])
    assert disk.done == []


def test_where_a_folder_cannot_be_flushed_a_file_is_written_all_the_same(disk, path):
    disk.no_folders = errno.EINVAL
    add(path, 1)
    assert numbers(path) == [1]


def test_a_folder_on_a_broken_disk_is_an_error(disk, path):
    disk.no_folders = errno.EIO
    with pytest.raises(InputError, match="ledger: .* cannot be written: Input/output error"):
        add(path, 1)


@pytest.mark.parametrize("room", [0, 1, 70, 140])
def test_a_disk_that_takes_but_a_part_keeps_nothing_of_it(disk, path, room):
    add(path, 1)
    disk.room = room
    with pytest.raises(InputError, match="cannot be written: No space left"):
        opened(path).rehearse([line(number) for number in (2, 3, 4)])
    disk.room = room
    with pytest.raises(InputError, match="cannot be written: No space left"):
        add(path, 2, 3, 4)
    assert numbers(path) == [1]
    disk.room = math.inf
    add(path, 5)
    assert numbers(path) == [1, 5] and b"\n\n" not in path.read_bytes()


def test_lines_that_could_not_be_flushed_are_taken_back(disk, path):
    add(path, 1)
    disk.no_flush = errno.EIO
    with pytest.raises(InputError):
        add(path, 2)
    assert numbers(path) == [1]


@pytest.mark.parametrize(
    "torn", [b'{"instance_id": "a", "sc', b"\n", b"null and void\n", b"\x00\x00\x00", b"\xff\n"]
)
def test_what_a_killed_process_left_half_written_hides_nothing_before_or_after_it(path, torn):
    add(path, 1)
    with open(path, "ab") as file:
        file.write(torn)
    add(path, 2)
    assert numbers(path) == [1, 2]


@pytest.mark.parametrize("content", ["7", "[]", "null", '"text"', "{}", '{"scope": "s"}'])
def test_a_line_of_another_kind_is_an_error_that_names_the_file(path, content):
    path.write_text(content + "\n", encoding="utf-8")
    for read in (opened(path).unread, opened(path).read_all):
        with pytest.raises(
            InputError,
            match=r"ledger: '.*ledger.jsonl' contains a line that is none of a ledger: check the path",
        ):
            read()


def test_a_line_is_found_whatever_comes_first_in_it(path):
    path.write_text(
        '{"scope": "s", "number": 7, "instance_id": "a"}\n{ "instance_id":"a","scope":"s","number":8}\n'
    )
    assert numbers(path) == [7, 8]


def test_lines_begin_with_the_instance_and_the_scope(path):
    opened(path).append(lambda news: [dict(reversed(line().items()))])
    assert path.read_text(encoding="utf-8").startswith('{"instance_id": "a", "scope": "s", ')


def test_a_lock_that_is_never_let_go_is_an_error(path, monkeypatch):
    monkeypatch.setattr(locked_file, "PATIENCE", 0.1)
    add(path, 1)
    with open(path, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for use in (lambda: add(path, 2), opened(path).unread):
            with pytest.raises(InputError, match="another process has held its lock"):
                use()
    assert numbers(path) == [1]


def test_a_file_that_was_moved_away_twice_before_the_next_line_still_gets_what_is_known(path):
    store = opened(path)
    store.append(lambda news: [line(1)])
    for time in range(2):
        path.rename(f"{path}.{time}")
        FileStore(str(path), "s", ["b"]).append(lambda news: [{**line(), "instance_id": "b"}])
        assert store.unread() == []
    store.append(lambda news: [{**line(2), "request": "other"}])
    assert numbers(path) == [1, 2]


def test_a_file_that_was_deleted_is_begun_anew_with_what_is_known(path):
    store = opened(path)
    store.append(lambda news: [line(1)])
    path.unlink()
    store.append(lambda news: [line(2)])
    add(path, 3)
    assert [line["number"] for line in store.unread()] == [3] and numbers(path) == [1, 2, 3]


def test_only_the_owner_may_read_a_new_file_and_its_own_folder(tmp_path):
    place = Place(str(tmp_path / "state" / "reforge.cloud" / "ledger.jsonl"), False)
    open_store(place, "s", ["a"]).append(lambda news: [line()])
    modes = [
        stat.S_IMODE(os.stat(kept).st_mode) for kept in (place.location, os.path.dirname(place.location))
    ]
    assert modes == [0o600, 0o700]


def test_the_folder_of_a_ledger_that_was_named_is_not_made(tmp_path):
    with pytest.raises(InputError, match="ledger: .* cannot be written: there is no folder '.*none'"):
        open_store(Place(str(tmp_path / "none" / "ledger"), True), "s", ["a"])


def test_a_default_place_that_cannot_be_used_is_a_warning_and_one_that_was_named_an_error(tmp_path):
    (tmp_path / "file").touch()
    bad, warnings = str(tmp_path / "file" / "ledger"), []
    assert open_or_warn(Place(bad, False), "s", ["a"], warnings.append) is None
    assert len(warnings) == 1 and "ledger: " in warnings[0] and "Nothing is recorded" in warnings[0]
    with pytest.raises(InputError):
        open_or_warn(Place(bad, True), "s", ["a"], warnings.append)
    assert open_or_warn(None, "s", ["a"], warnings.append) is None and len(warnings) == 1


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_an_error(tmp_path, kind):
    place = tmp_path / "ledger"
    place.mkdir() if kind == "folder" else os.mkfifo(place)
    with pytest.raises(InputError, match="ledger: .* cannot be read: it is not a file"):
        open_store(Place(str(place), True), "s", ["a"])


@pytest.mark.parametrize("flag, words", [(os.R_OK, "cannot be read"), (os.W_OK, "cannot be written")])
def test_a_file_without_permission_is_found_when_the_ledger_is_opened(path, monkeypatch, flag, words):
    add(path, 1)
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & flag)
    with pytest.raises(InputError, match=f"ledger: .* {words}: no permission"):
        open_store(Place(str(path), True), "s", ["a"])


def test_a_folder_without_permission_is_found_when_the_ledger_is_opened_and_nothing_is_made(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    for required in (True, False):
        with pytest.raises(InputError, match="ledger: .* no permission for "):
            open_store(Place(str(tmp_path / "ledger"), required), "s", ["a"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "option, environment, location, required",
    [
        ("/x/l", {"REFORGE_LEDGER": "/y/l"}, "/x/l", True),
        (None, {"REFORGE_LEDGER": "/y/l"}, "/y/l", True),
        (None, {"REFORGE_LEDGER": "~/l"}, "/home/me/l", True),
        ("~/l", {}, "/home/me/l", True),
        (None, {}, "/home/me/.local/state/reforge.cloud/ledger.jsonl", False),
        (None, {"REFORGE_LEDGER": ""}, "/home/me/.local/state/reforge.cloud/ledger.jsonl", False),
        (None, {"XDG_STATE_HOME": "/state"}, "/state/reforge.cloud/ledger.jsonl", False),
        (None, {"XDG_STATE_HOME": "state"}, "/home/me/.local/state/reforge.cloud/ledger.jsonl", False),
        (None, {"REFORGE_LEDGER": "postgresql://u@h/d"}, "postgresql://u@h/d", True),
    ],
)
def test_the_place_is_the_options_or_the_environments_or_the_default(
    monkeypatch, option, environment, location, required
):
    monkeypatch.setenv("HOME", "/home/me")
    assert place_of(option, environment) == Place(location, required)


def test_a_relative_path_in_the_environment_is_refused_since_a_run_has_several_folders():
    with pytest.raises(InputError, match="REFORGE_LEDGER: 'l.jsonl' has to be an absolute path"):
        place_of(None, {"REFORGE_LEDGER": "l.jsonl"})


def test_an_empty_option_means_no_ledger_whatever_the_environment_says():
    assert place_of("", {"REFORGE_LEDGER": "/y/l"}) is None


@pytest.mark.parametrize("location", ["mysql://h/d", "file:///x", "PostgreSQL://h/d"])
def test_an_address_of_another_kind_is_refused(location):
    with pytest.raises(InputError, match=r"ledger: \w+:// is not supported: give a path, or postgresql://"):
        open_store(Place(location, True), "s", ["a"])
