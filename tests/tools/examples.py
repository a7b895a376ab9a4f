# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The examples in a page of Markdown: blocks of one language, and the commands in those of a console."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path


def blocks(page: Path, language: str) -> list[str]:
    """The text of each block of this language."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def commands_in(page: Path) -> Iterator[list[str]]:
    """Each command of the page in words, without comments."""
    for block in blocks(page, "console"):
        for line in re.findall(r"^\$ (.*)$", block.replace("\\\n", " "), re.MULTILINE):
            yield shlex.split(line, comments=True)
