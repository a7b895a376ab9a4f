# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Passwords: how long they are, of which characters, and of how many kinds. Each API has its own rule."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class PasswordRule:
    """``linux`` and ``windows`` are (shortest, longest, kinds of characters).

    The kinds are small letters, capital letters, digits and ``special`` characters; with
    ``one_kind_of_letters`` all letters are one kind on Linux, as the legacy API says and the other pages can
    be read. ``windows_special`` replaces the special characters on Windows where the page does so.
    """

    linux: tuple[int, int, int]
    windows: tuple[int, int, int]
    special: str
    one_kind_of_letters: bool = True
    windows_special: str = ""
    may_begin_with_slash: bool = True
    windows_user: str = ""

    def accepts(self, password: str, windows: bool) -> bool:
        """Whether the vendor takes this password for such a system."""
        shortest, longest, needed = self.windows if windows else self.linux
        kinds = self._kinds(windows)
        return (
            shortest <= len(password) <= longest
            and re.fullmatch(f"[{''.join(kinds)}]*", password) is not None
            and sum(bool(re.search(f"[{kind}]", password)) for kind in kinds) >= needed
            and not self._is_forbidden(password, windows)
        )

    def _kinds(self, windows: bool) -> list[str]:
        special = re.escape(self.windows_special if windows and self.windows_special else self.special)
        letters = ["A-Za-z"] if self.one_kind_of_letters and not windows else ["a-z", "A-Z"]
        return [*letters, "0-9", special]

    def _is_forbidden(self, password: str, windows: bool) -> bool:
        if windows and self.windows_user and self.windows_user in password.lower():
            return True
        return password.startswith("/") and not self.may_begin_with_slash
