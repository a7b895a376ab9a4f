# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tables and values for people: what is aligned, what is cut and what is made harmless."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given as given_any, strategies as st

from ansible_collections.reforge.cloud.plugins.module_utils.core.text import printable, some
from ansible_collections.reforge.cloud.plugins.plugin_utils.text import screen
from ansible_collections.reforge.cloud.plugins.plugin_utils.text.command import broken, in_folder
from ansible_collections.reforge.cloud.plugins.plugin_utils.text.overview import Entry, kinds_of, overview
from ansible_collections.reforge.cloud.plugins.plugin_utils.text.table import columns_of, table, wrapped
from ansible_collections.reforge.cloud.plugins.plugin_utils.text.words import (
    age,
    counted,
    duration,
    last_line,
)

ORDER = ("failed", "refused", "reset", "unchanged")


def test_a_table_is_aligned_and_a_cell_is_one_line():
    assert table(("A", "B"), [("long one", None), ("x", "two\nlines")]).splitlines() == [
        "A         B",
        "--------  ---------",
        "long one  -",
        "x         two lines",
    ]


@pytest.mark.parametrize(
    "given, shown",
    [
        ("plain caf\u00e9", "plain caf\u00e9"),
        ("\x1b[2J\x1b]0;owned\x07", "\\x1b[2J\\x1b]0;owned\\x07"),
        ("a\r\nPLAY RECAP", "a PLAY RECAP"),
        ("\x9b31m", "\\x9b31m"),
        ("web\u202e1", "web\\u202e1"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_is_shown_cannot_steer_a_terminal(given, shown):
    assert (
        printable(given) == shown
        and table(("A", "B"), [(given, "b")]).splitlines()[2].split("  ")[0] == shown
    )


@pytest.mark.parametrize(
    "seconds, text", [(None, ""), (0.4, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3725, "62 min 5 s")]
)
def test_durations_are_written_as_people_do(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    "seconds, text",
    [(None, ""), (0.9, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (90000, "1 d"), (1e7, "115 d")],
)
def test_an_age_is_given_in_its_largest_unit(seconds, text):
    assert age(seconds) == text


def test_names_of_double_width_are_aligned():
    lines = table(
        ("HOST", "ID"), [("\u7f51\u7ad9-01", "a"), ("caf\u0065\u0301", "b"), ("web-0001", "c")]
    ).splitlines()
    assert [columns_of(line) - 1 for line in lines[2:]] == [10, 10, 10] and lines[2] == "\u7f51\u7ad9-01   a"


def test_the_last_column_goes_on_below_and_no_line_is_too_long():
    lines = table(("HOST", "WHY"), [("web-1", "word " * 60), ("web-2", "short")]).splitlines()
    assert max(map(len, lines)) <= 120 and lines[3].startswith("       word")
    assert sum(line.count("word") for line in lines) == 60 and lines[-1] == "web-2  short"


def test_a_long_name_is_never_cut():
    name = "n" * 150
    lines = table(("HOST", "WHY"), [(name, "a reason of a few words")]).splitlines()
    assert name in lines[2] and "a reason of a few" in lines[2]


@given_any(st.text(), st.integers(1, 40))
def test_wrapping_keeps_every_word_and_the_width(text, width):
    lines = wrapped(text, width)
    assert " ".join(lines).split() == text.split()
    assert all(columns_of(line) <= width or " " not in line for line in lines)


@given_any(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_a_table_of_any_text_steers_no_terminal_and_has_its_columns_in_line(rows):
    first, rule, *lines = table(("HOST", "WHY"), rows).split("\n")
    assert all(sign.isprintable() for line in (first, rule, *lines) for sign in line)
    assert len(lines) >= len(rows) and first.index("WHY") == rule.index(" -") + 1


@pytest.mark.parametrize("count, text", [(0, "0 hosts"), (1, "1 host"), (2, "2 hosts")])
def test_a_number_agrees_with_its_noun(count, text):
    assert counted(count, "host") == text


def test_a_sentence_names_some_and_counts_the_others():
    assert some(["a", "b"]) == "a, b" and some(["a", "b", "c"], most=1) == "a and 2 more"
    assert some(["\x1b[2J"]) == "\\x1b[2J" and some("abc", 2, "; ") == "a; b; and 1 more"


@pytest.mark.parametrize(
    "text, reason",
    [
        ("Welcome\n** banner **\nPermission denied (publickey).\n\n", "Permission denied (publickey)."),
        ("\n \n", ""),
        ("a\x1b[2J", "a\\x1b[2J"),
    ],
)
def test_the_last_line_that_says_something_is_the_reason(text, reason):
    assert last_line(text) == reason


def entries(*kinds):
    """So many hosts for each label and reason."""
    return [
        Entry(label, why.format(host=f"{label}-{number}"), f"{label}-{number}", (f"{label}-{number}",))
        for label, why, count in kinds
        for number in range(count)
    ]


def test_equal_reasons_are_told_together_in_the_order_of_labels():
    kinds = kinds_of(
        entries(("reset", "done", 2), ("odd", "?", 1), ("failed", "b", 1), ("failed", "a", 3)), ORDER
    )
    assert [(kind.label, kind.why, len(kind.entries)) for kind in kinds] == [
        ("odd", "?", 1),
        ("failed", "a", 3),
        ("failed", "b", 1),
        ("reset", "done", 2),
    ]


@pytest.mark.parametrize(
    "why, shown",
    [("{host} is busy", "... is busy"), ("x{host} is busy", None)],
)
def test_what_is_a_hosts_own_does_not_part_equal_reasons(why, shown):
    kinds = kinds_of(entries(("failed", why, 2)), ORDER)
    assert [kind.why for kind in kinds] == [shown] if shown else len(kinds) == 2


def test_addresses_do_not_part_equal_reasons():
    found = [
        Entry("failed", f"connect to {address}: refused", address) for address in ("192.0.2.1", "192.0.2.2")
    ]
    assert [kind.why for kind in kinds_of(found, ORDER)] == ["connect to ...: refused"]
    assert kinds_of(found[:1], ORDER)[0].why == "connect to 192.0.2.1: refused"


def test_an_overview_names_hosts_but_not_those_that_are_only_counted():
    kinds = kinds_of(entries(("failed", "no disk", 1), ("unchanged", "runs it", 290)), ORDER)
    assert overview(("OUTCOME", "HOSTS", "WHY"), kinds, ("unchanged",)).splitlines() == [
        "OUTCOME    HOSTS  WHY",
        "---------  -----  --------",
        "failed     1      no disk",
        "                  failed-0",
        "unchanged  290    runs it",
    ]


@given_any(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1))
def test_a_command_in_several_lines_is_the_same_to_a_shell(words):
    command = shlex.join(words)
    done = subprocess.run(
        ["sh", "-c", f"set -- {broken(command, 30)}; printf '%s\\0' \"$@\""], capture_output=True, check=True
    )
    assert done.stdout.decode().split("\0")[:-1] == words


def test_a_long_command_is_in_lines_that_fit():
    lines = broken("ansible-playbook reforge.cloud.rebuild " + "-e name=value " * 20).splitlines()
    assert len(lines) > 2 and all(len(line) <= 120 for line in lines)
    assert all(line.endswith("value \\") for line in lines[:-1])


def test_the_folder_of_a_command_has_a_line_of_its_own():
    text = broken(in_folder("/srv/fleet", "ansible-playbook site.yml"))
    assert text == "  cd /srv/fleet && \\\n    ansible-playbook site.yml"


def test_a_command_for_a_folder_runs_only_there(tmp_path):
    (tmp_path / "a b").mkdir()
    text = broken(in_folder(str(tmp_path / "a b"), "touch 'x  y'"), 10)
    missing = broken(in_folder(str(tmp_path / "none"), "touch z"))
    subprocess.run(["sh", "-c", f"{text}\n{missing}"], cwd=tmp_path, check=False)
    assert [path.name for path in tmp_path.rglob("*")] == ["a b", "x  y"]


@pytest.mark.parametrize(
    "callback, programs", [("default", False), ("ansible.posix.json", True), ("jsonl", True)]
)
def test_lines_are_on_standard_error_where_a_callback_writes_a_document(callback, programs, monkeypatch):
    shown = []
    monkeypatch.setattr(screen.constants, "DEFAULT_STDOUT_CALLBACK", callback, raising=False)
    monkeypatch.setattr(screen.display, "display", lambda text, stderr: shown.append((text, stderr)))
    screen.show("a  b\n\x1b[2J")
    assert shown == [("a  b\n\\x1b[2J", programs)]
