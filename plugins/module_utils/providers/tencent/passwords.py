# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Password rules in the two forms that Tencent Cloud's pages have. Not a provider.

Where the pages count letters as one class or as two, depending on the reader, they are one here: a password
that passes then passes either way.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...core.rules import PasswordRule

LOWER = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"


def two_of_three(longest: int, specials: str, not_first: str = "") -> PasswordRule:
    """For Linux: from 8 characters on, two of letters, digits and special characters."""
    classes = {"letters": LOWER + LOWER.upper(), "0-9": DIGITS, "special characters": specials}
    return PasswordRule(8, longest, classes, 2, not_first)


def three_of_four(
    shortest: int, longest: int, specials: str, not_first: str = "", user: str = ""
) -> PasswordRule:
    """Three of small letters, capital letters, digits and special characters."""
    classes = {"a-z": LOWER, "A-Z": LOWER.upper(), "0-9": DIGITS, "special characters": specials}
    return PasswordRule(shortest, longest, classes, 3, not_first, user)


SPECIALS = "()`~!@#$%^&*-+=_|{}[]:;'<>,.?/"


def strict_by_system(longest: int) -> Mapping[str, PasswordRule]:
    """The rules of the newer pages: three of four classes everywhere; on Windows 12 characters at least, and
    not the name of the user whose password it is.
    """
    return {
        "": three_of_four(8, longest, SPECIALS, not_first="/"),
        "windows": three_of_four(12, longest, SPECIALS, "/", user="Administrator"),
    }


def by_system(
    longest: int, specials: str, windows: str = "", not_first: str = ""
) -> Mapping[str, PasswordRule]:
    """The rules of Linux and Windows, which may have special characters of its own and wants 12 characters at
    least.
    """
    return {
        "": two_of_three(longest, specials, not_first),
        "windows": three_of_four(12, longest, windows or specials, not_first),
    }
