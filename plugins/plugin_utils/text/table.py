# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tables for people to read in a terminal or a log."""

from __future__ import annotations

from collections.abc import Collection, Sequence

NAMED = 10  # hosts that a sentence names


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Aligned columns under their headings; the last column is not padded."""
    cells = [[str(heading) for heading in headings], *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else printable(value)


def printable(value: object) -> str:
    """One line of text in which nothing steers a terminal or a log: what is not printable is shown as its escape.

    Names and messages come from a provider, where others may have written them.
    """
    line = " ".join(str(value).split())
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)


def some(hosts: Collection[str]) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(hosts) - NAMED} more" if len(hosts) > NAMED else ""
    return printable(", ".join(list(hosts)[:NAMED])) + more


def duration(seconds: float | None) -> str:
    """Seconds as people write them: 42 s, 3 min 20 s."""
    if seconds is None:
        return ""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def age(seconds: float | None) -> str:
    """How long ago something was: 40 s, 3 min, 5 h, 12 d."""
    if seconds is None:
        return ""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
