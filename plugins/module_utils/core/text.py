# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Text that comes from others, made fit for people to read."""

from __future__ import annotations

from collections.abc import Iterable

# How many a sentence names: in the message of a module, and on the screen of a play.
FEW, NAMED = 5, 10


def printable(value: object) -> str:
    """One line of text in which nothing steers a terminal or a log: what is not printable is shown as its
    escape.

    Names and messages come from a provider, where others may have written them.
    """
    return harmless(" ".join(str(value).split()))


def harmless(line: str) -> str:
    """The line with its spaces as they are, and with what is not printable shown as its escape."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)


def some(names: Iterable[str], most: int = NAMED, separator: str = ", ") -> str:
    """The first of them, and how many more there are, as printable text: a, b and 3 more."""
    listed = list(names)
    rest = len(listed) - most
    more = f"{separator.rstrip(', ')} and {rest} more" if rest > 0 else ""
    return printable(separator.join(listed[:most])) + more
