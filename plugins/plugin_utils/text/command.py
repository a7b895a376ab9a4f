# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Commands that people copy from a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from .table import WIDTH, columns_of

CONTINUED = " \\"  # a shell goes on with the next line
AND = "&&"


def in_folder(folder: str, command: str) -> str:
    """The command for a shell in any folder: in another one its relative paths, and the configuration of
    Ansible that is read there, would be others.
    """
    return f"cd {shlex.quote(folder)} {AND} {command}"


def broken(command: str, width: int = WIDTH) -> str:
    """The same command, indented, in lines of at most so many columns, which a shell takes as one.

    The folder and a long word have lines of their own; an option and its value stay together.
    """
    lines: list[str] = []
    for words in _units(shlex.split(command)):
        longer = f"{lines[-1]} {words}" if lines and not lines[-1].endswith(AND) else ""
        if longer and columns_of(longer) <= width - len(CONTINUED):
            lines[-1] = longer
        else:
            lines.append(f"    {words}" if lines else f"  {words}")
    return f"{CONTINUED}\n".join(lines)


def _units(words: Sequence[str]) -> Iterator[str]:
    rest = [shlex.quote(word) for word in words]
    if words[:1] == ["cd"] and words[2:3] == [AND]:
        yield " ".join([*rest[:2], AND])
        del rest[:3]
    while rest:
        takes_value = rest[0].startswith("-") and len(rest) > 1 and not rest[1].startswith("-")
        unit, rest = rest[: 1 + takes_value], rest[1 + takes_value :]
        yield " ".join(unit)
