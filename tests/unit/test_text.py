# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tables and values for people: what is aligned, what is cut and what is made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given as given_any, strategies as st

from ansible_collections.reforge.cloud.plugins.plugin_utils.text.table import columns_of, table, wrapped
from ansible_collections.reforge.cloud.plugins.plugin_utils.text.words import (
    age,
    counted,
    duration,
    printable,
    some,
)


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
    assert some(["\x1b[2J"]) == "\\x1b[2J"
