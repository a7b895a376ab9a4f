# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tables for people to read in a terminal or a log."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category, east_asian_width

from ...module_utils.core.text import printable

WIDTH = 120  # columns of a terminal that a line should fit into
NARROWEST = 20  # columns that the text of the last column has in any case
DOUBLE = ("W", "F")  # the East Asian widths of signs that take two columns
MARKS = ("Mn", "Me")  # the categories of signs that are drawn over the one before them


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], width: int = WIDTH) -> str:
    """Aligned columns under their headings.

    The last one is text: it goes on below where its line would be too long. A value in it may be a tuple of
    texts, each of which begins a line. A name is never cut: where names alone are wider, so is the table.
    """
    cells = [tuple(_cell(value) for value in row[:-1]) for row in (headings, *rows)]
    names = [max(map(columns_of, column)) for column in zip(*cells)]
    margin = sum(names) + 2 * len(names)
    texts = [_paragraphs(row[-1], max(width - margin, NARROWEST)) for row in (headings, *rows)]
    lines = [line for row, text in zip(cells, texts) for line in _lines(row, names, text)]
    longest = max(columns_of(line) for text in texts for line in text)
    lines.insert(1, "  ".join("-" * width for width in (*names, longest)))
    return "\n".join(lines)


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese signs take two, combining ones none."""
    return sum(0 if category(sign) in MARKS else 1 + (east_asian_width(sign) in DOUBLE) for sign in text)


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns, broken between words; a longer word has its own line."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and columns_of(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _paragraphs(value: object, width: int) -> list[str]:
    values = value if isinstance(value, tuple) else (value,)
    return [line for paragraph in values for line in wrapped(_cell(paragraph), width)]


def _lines(row: Sequence[str], widths: Sequence[int], text: Sequence[str]) -> list[str]:
    names = "".join(name + " " * (width - columns_of(name) + 2) for name, width in zip(row, widths))
    margin = " " * columns_of(names)
    return [f"{start}{line}".rstrip() for start, line in zip((names, *[margin] * len(text)), text)]


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else printable(value)
