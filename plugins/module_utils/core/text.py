# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Text that comes from others, made fit for people to read."""

from __future__ import annotations


def printable(value: object) -> str:
    """One line of text in which nothing steers a terminal or a log: what is not printable is shown as its
    escape.

    Names and messages come from a provider, where others may have written them.
    """
    return harmless(" ".join(str(value).split()))


def harmless(line: str) -> str:
    """The line with its spaces as they are, and with what is not printable shown as its escape."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)
