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
    """Aligned columns under their headings. The last one is text: it goes on below where its line would be too long.

    A name is never cut: where names alone are wider, so is the table.
    """
    cells = [[str(heading) for heading in headings], *([_cell(value) for value in row] for row in rows)]
    widths = [max(columns_of(row[column]) for row in cells) for column in range(len(headings))]
    margin = sum(widths[:-1]) + 2 * len(widths[:-1])
    widths[-1] = min(widths[-1], max(width - margin, NARROWEST))
    lines = [line for row in cells for line in _lines(row, widths, margin)]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese signs take two, combining ones none."""
    return sum(0 if category(sign) in MARKS else 1 + (east_asian_width(sign) in DOUBLE) for sign in text)


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns, broken between words; a word that is longer has its own line."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and columns_of(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _lines(row: Sequence[str], widths: Sequence[int], margin: int) -> list[str]:
    first, *others = wrapped(row[-1], widths[-1])
    names = "".join(text + " " * (width - columns_of(text) + 2) for text, width in zip(row, widths[:-1]))
    return [f"{names}{first}".rstrip(), *(" " * margin + line for line in others)]


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else printable(value)
