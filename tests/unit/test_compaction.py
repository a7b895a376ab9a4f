# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A ledger that is compacted says the same as before, to everybody, at every moment."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger import compaction, layout, locked_file
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.file_store import FileStore
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError

SCOPE = "s"
IDS = ("a", "a-1", "b", "ü", '"')


def line(instance_id="a", request="1", state="intended", scope=SCOPE, **more):
    return {"instance_id": instance_id, "scope": scope, "request": request, "state": state, **more}


def fold(lines):
    """A closed request is its last line, with all the states that it went through."""
    states = [state for line in lines for state in line.get("states", [line["state"]])]
    return {**lines[-1], "states": states} if "done" in states else None


def told(lines):
    """What lines say of each request, in the order in which the requests of an instance began."""
    requests = {}
    for line in lines:
        key = (line["instance_id"], line["scope"], line["request"])
        requests.setdefault(key, []).extend(line.get("states", [line["state"]]))
    return sorted(requests.items(), key=lambda item: item[0][0])


def fold_all(lines):
    """The lines of open requests, and one for each closed request."""
    requests = {}
    for line in lines:
        requests.setdefault((line["instance_id"], line["request"]), []).append(line)
    return [line for group in requests.values() for line in ([fold(group)] if fold(group) else group)]


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "ledger.jsonl")


@pytest.fixture(autouse=True)
def always(monkeypatch):
    """Compaction pays whenever something was added."""
    monkeypatch.setattr(layout, "LEAST", 1)
    monkeypatch.setattr(layout, "PART", 10**9)


def opened(path, ids=IDS, **more):
    return FileStore(path, SCOPE, ids, fold, **more)


def add(path, *lines):
    store = opened(path)
    heard = []
    store.append(lambda news: heard.extend(news) or lines)
    return heard


def texts(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(text) for text in file]


def test_a_closed_request_becomes_one_line_and_an_open_one_keeps_its_lines(path):
    add(path, line("b"), line("a"), line("a", state="done"), line("b", state="lost"))
    compaction.compact(path, fold)
    head, *lines, mark = texts(path)
    assert [(line["instance_id"], line["state"]) for line in lines] == [
        ("a", "done"),
        ("b", "intended"),
        ("b", "lost"),
    ]
    assert head["ledger"] == 1 and mark["tail_of"] == head["generation"]


STEPS = st.lists(
    st.one_of(
        st.just("compact"),
        st.just("read"),
        st.tuples(
            st.sampled_from(IDS),
            st.sampled_from("123"),
            st.sampled_from(["intended", "lost", "done", "proven"]),
        ),
    ),
    max_size=40,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whenever_it_is_compacted_every_reader_hears_all_that_was_written(path, steps):
    if os.path.exists(path):
        os.unlink(path)
    reader, heard, written = opened(path), [], []
    for number, step in enumerate(steps):
        if step == "read":
            heard += reader.unread()
        elif step == "compact" and os.path.exists(path):
            compaction.compact(path, fold)
        elif step != "compact":
            written.append(line(step[0], step[1], f"{step[2]}", at=number))
            add(path, written[-1])
    heard += reader.unread()
    assert told(opened(path).unread()) == told(written) == told(opened(path).read_all())
    assert {line["at"] for line in heard} >= {line["at"] for line in fold_all(written)} and len(heard) <= len(
        written
    )


def test_what_was_read_before_is_not_read_again_after_a_compaction(path):
    store = opened(path)
    store.append(lambda news: [line("a"), line("b"), line("a", state="done")])
    add(path, line("b", state="lost"))
    assert [line["state"] for line in store.unread()] == ["lost"]
    compaction.compact(path, fold)
    assert store.unread() == []
    add(path, line("b", state="done"))
    compaction.compact(path, fold)
    assert [line["states"] for line in store.unread()] == [
        ["intended", "lost", "done"]
    ] and store.unread() == []


def test_a_store_that_is_open_goes_on_in_the_new_file(path):
    store = opened(path)
    store.append(lambda news: [line("a")])
    compaction.compact(path, fold)
    heard = []
    store.append(lambda news: heard.extend(news) or [line("a", state="done")])
    assert heard == [] and told(opened(path).unread()) == [(("a", "s", "1"), ["intended", "done"])]


def test_one_of_many_instances_is_found_by_bisection(path):
    add(path, *(line(f"i-{number}", scope=SCOPE) for number in range(2000)))
    compaction.compact(path, fold)
    add(path, line("i-7", state="lost"), line("i-77"))
    for number in (0, 7, 77, 1999):
        lines = opened(path, [f"i-{number}"]).unread()
        assert {line["instance_id"] for line in lines} == {f"i-{number}"} and len(lines) == (
            2 if number in (7, 77) else 1
        )
    assert opened(path, ["i-", "i", "j", "", "i-20000"]).unread() == []


@pytest.mark.parametrize(
    "edit", ["remove a line", "remove the head", "remove the mark", "add a line in front"]
)
def test_a_compacted_file_that_a_person_edited_is_read_from_end_to_end(path, edit):
    add(path, *(line(f"i-{number}") for number in range(20)))
    compaction.compact(path, fold)
    with open(path, "rb") as file:
        parts = file.read().splitlines(keepends=True)
    edits = {
        "remove a line": parts[:3] + parts[4:],
        "remove the head": parts[1:],
        "remove the mark": [part for part in parts if b"tail_of" not in part],
        "add a line in front": [
            b'{"scope": "s", "instance_id": "z", "request": "1", "state": "done"}\n',
            *parts,
        ],
    }
    with open(path, "wb") as file:
        file.writelines(edits[edit])
    for number in (0, 19, 7):
        assert len(opened(path, [f"i-{number}"]).unread()) == 1
    assert opened(path, ["z"]).unread() == (
        [] if edit != "add a line in front" else [line("z", state="done")]
    )


def test_a_later_format_is_refused(path):
    add(path, line("a"))
    compaction.compact(path, fold)
    with open(path, "rb") as file:
        data = file.read()
    with open(path, "wb") as file:
        file.write(data.replace(b'{"ledger": 1,', b'{"ledger": 2,'))
    with pytest.raises(InputError, match="ledger: .* has format 2, but this version .* knows only 1"):
        opened(path).unread()


def test_what_a_killed_writer_left_half_written_is_left_out_and_what_follows_is_kept(path):
    add(path, line("a"))
    with open(path, "ab") as file:
        file.write(b'{"instance_id": "a", "sc')
    compaction.compact(path, fold)
    add(path, line("a", state="lost"))
    compaction.compact(path, fold)
    assert [line["state"] for line in opened(path).unread()] == ["intended", "lost"]
    assert len(texts(path)) == 4


class Killed(BaseException):
    """The process ends."""


class Mortal:
    """Passes on to os, and dies before the call with this number that changes something."""

    CHANGES = ("write", "pwrite", "fsync", "rename", "ftruncate", "unlink", "chown")

    def __init__(self, calls):
        self.calls = calls

    def __getattr__(self, name):
        if name in self.CHANGES:
            if self.calls == 0:
                raise Killed
            self.calls -= 1
        return getattr(os, name)


def test_a_compaction_that_is_killed_at_any_moment_loses_nothing(path, monkeypatch):
    add(path, line("a"), line("a", state="done"), line("b"))
    for calls in range(40):
        add(path, line("b", state="lost"))
        before = told(opened(path).unread())
        with monkeypatch.context() as patch:
            mortal = Mortal(calls)
            patch.setattr(compaction, "os", mortal)
            patch.setattr(locked_file, "os", mortal)
            try:
                compaction.compact(path, fold)
            except Killed:
                assert told(opened(path).unread()) == before
                continue
        break
    assert 6 < calls < 40 and told(opened(path).unread()) == before
    assert os.listdir(os.path.dirname(path)) == ["ledger.jsonl"]


def test_a_full_disk_leaves_the_file_as_it_was(path, monkeypatch):
    add(path, line("a"), line("a", state="done"))
    before = texts(path)

    def full(descriptor, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compaction, "write_all", full)
    store = opened(path)
    store.unread()
    store.close()
    assert texts(path) == before and os.listdir(os.path.dirname(path)) == ["ledger.jsonl"]


WRITER = """
import sys
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger import compaction, layout
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.file_store import FileStore
layout.LEAST = 1
def fold(lines):
    numbers = [number for one in lines for number in one.get("numbers", [one.get("number")])]
    return {**lines[0], "numbers": numbers} if len(numbers) > 2 else None
store, count = FileStore(sys.argv[1], "s", ["a"], fold), 0
def answer(news):
    return [{"instance_id": "a", "scope": "s", "request": f"{sys.argv[2]}-{number // 7}", "number": number}]
for number in range(70):
    store.append(answer)
    if number % 5 == 0:
        store.close()
"""


def test_nothing_is_lost_when_many_write_and_compact_at_the_same_time(path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, path, str(who)], env=environment) for who in range(4)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    written = {}
    for line in FileStore(path, "s", ["a"]).unread():
        written.setdefault(line["request"], []).extend(line.get("numbers", [line.get("number")]))
    expected = {
        f"{who}-{part}": list(range(7 * part, 7 * part + 7)) for who in range(4) for part in range(10)
    }
    assert written == expected and texts(path)[0]["ledger"] == 1


def test_a_compacted_file_keeps_its_mode_and_its_owner(path):
    add(path, line("a"), line("a", state="done"))
    os.chmod(path, 0o640)
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    owner = os.stat(path).st_uid, os.stat(path).st_gid
    compaction.compact(path, fold)
    found = os.stat(path)
    assert (
        len(texts(path)) == 3
        and stat.S_IMODE(found.st_mode) == 0o640
        and (found.st_uid, found.st_gid) == owner
    )


def test_a_link_to_the_file_stays_one(path, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(path)
    add(str(link), line("a"), line("a", state="done"))
    compaction.compact(str(link), fold)
    assert link.is_symlink() and len(texts(path)) == 3


def test_it_is_compacted_at_the_end_of_a_call_when_enough_was_added(path, monkeypatch):
    monkeypatch.setattr(layout, "LEAST", 600)
    heads = set()
    for number in range(15):
        store = opened(path)
        store.append(lambda news, number=number: [line("a", str(number)), line("a", str(number), "done")])
        store.close()
        heads.add(texts(path)[0].get("generation"))
    assert 3 <= len(heads) <= 6 and len(told(opened(path).unread())) == 15
