# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every home of the ledger promises, whatever its lines mean."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.place import Place
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.stores import open_store

SCOPE = "zenlayer_zec here"


def line(instance_id="a", state="intended", scope=SCOPE, **more):
    return {"instance_id": instance_id, "scope": scope, "request": "r-1", "state": state, **more}


@pytest.fixture(params=["file", "postgres"])
def place(request, tmp_path):
    """A ledger without a line."""
    if request.param == "file":
        return Place(str(tmp_path / "ledger.jsonl"), True)
    return Place(request.getfixturevalue("database_url"), True)


@pytest.fixture
def home(place):
    """Opens the ledger as a new process does."""
    stores = []

    def opened(ids=("a", "b"), scope=SCOPE, **more):
        stores.append(open_store(place, scope, ids, **more))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


def add(store, *lines):
    """Append, and return what was unread."""
    heard = []
    store.append(lambda news: heard.extend(news) or lines)
    return heard


def test_a_new_ledger_is_empty_and_looking_at_it_creates_nothing(home, tmp_path):
    assert home().unread() == [] and home().read_all() == [] and not list(tmp_path.iterdir())


def test_each_line_is_read_once_and_in_order_by_every_other_store(home):
    first, second = home(), home()
    add(first, line(number=1), line(number=2))
    assert [line["number"] for line in second.unread()] == [1, 2] and second.unread() == []
    add(first, line(number=3))
    assert [line["number"] for line in second.unread()] == [3] and first.unread() == []


def test_who_appends_hears_of_what_others_have_added_since(home):
    first, second = home(), home()
    add(first, line(number=1))
    assert add(second, line(number=2)) == [line(number=1)]
    assert add(first, line(number=3)) == [line(number=2)]
    assert add(second) == [line(number=3)] and add(first) == []


def test_lines_about_other_instances_and_of_other_scopes_are_not_read(home):
    add(home(), line("a"), line("b"), line("a-1"), line("c"), line("a", scope="elsewhere"))
    assert [line["instance_id"] for line in home(["a"]).unread()] == ["a"]
    assert home(["a"], scope="elsewhere").unread() == [line("a", scope="elsewhere")]


def test_all_lines_are_read_for_the_record_and_stay_unread(home):
    add(home(), line("a"), line("c"), line("a", scope="elsewhere"))
    store = home()
    assert len(store.read_all()) == 3 and len(store.read_all(["a"])) == 2 and len(store.unread()) == 1


def test_a_rehearsal_adds_nothing(home):
    store = home()
    add(store, line(number=1))
    store.rehearse([line(number=2), line(number=3)])
    add(store, line(number=4))
    assert [one["number"] for one in home().unread()] == [1, 4] and store.unread() == []


@pytest.mark.parametrize("text", ["ü", "\u2028", '"', "\\", "\n", "a\x00b".replace("\x00", "")])
def test_any_text_comes_back_as_it_was_written(home, text):
    add(home([text]), line(text, said=text))
    assert home([text]).unread() == [line(text, said=text)]


def test_an_answer_that_fails_adds_nothing_and_frees_the_ledger(home):
    store = home()
    with pytest.raises(ZeroDivisionError):
        store.append(lambda news: 1 // 0)
    add(store, line(number=1))
    assert home().unread() == [line(number=1)]


def test_threads_share_a_store_and_no_answer_is_given_twice(home):
    store, taken = home(), []

    def take(number):
        def answer(news):
            taken.append(number)  # in the order of their turns
            return [line(number=number)]

        store.append(answer)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(40)))
    assert sorted(taken) == list(range(40)) and [line["number"] for line in home().unread()] == taken


WRITER = """
import sys
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.place import Place
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.stores import open_store
store = open_store(Place(sys.argv[1], True), "s", ["a"])
count = 0
def answer(news):
    global count
    count += len(news)
    line = {"instance_id": "a", "scope": "s", "request": sys.argv[2], "number": count, "long": "x" * 5000}
    count += 2
    return [line, {**line, "number": line["number"] + 1}]
for number in range(25):
    store.append(answer)
"""


def start(place, who, program=WRITER):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen([sys.executable, "-c", program, place.location, str(who)], env=environment)


def test_processes_that_append_at_the_same_time_hear_of_every_line_before_theirs(home, place):
    writers = [start(place, who) for who in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    lines = home(["a"], scope="s").unread()
    assert [line["number"] for line in lines] == list(range(200))
    assert sorted(line["request"] for line in lines) == sorted(
        str(who) for who in range(4) for _line in range(50)
    )


def test_a_writer_that_is_killed_takes_nothing_with_it_that_was_stored(home, place):
    writer, store, count = start(place, 0), home(["a"], scope="s"), 0
    while count < 20:
        count += len(store.unread())
    writer.kill()
    writer.wait()
    count += len(add(store, {"instance_id": "a", "scope": "s", "request": "r", "number": -1}))
    lines = home(["a"], scope="s").unread()
    assert [line["number"] for line in lines] == [*range(count), -1] and count % 2 == 0
