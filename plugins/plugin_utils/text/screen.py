# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the tasks of this collection show besides their results."""

from __future__ import annotations

from ansible import constants
from ansible.utils.display import Display

from ...module_utils.core.text import harmless

display = Display()


def show(text: str) -> None:
    """Show lines where a person sees them and a program that reads Ansible's output does not trip over them.

    Whoever wrote what is in them: nothing in a line steers a terminal or a log.
    """
    lines = "\n".join(harmless(line) for line in text.split("\n"))
    display.display(lines, stderr=is_for_programs(str(constants.DEFAULT_STDOUT_CALLBACK)))


def is_for_programs(callback: str) -> bool:
    """Whether this stdout callback writes one document, or nothing: lines have no place on stdout then."""
    name = callback.rpartition(".")[2]
    return name.startswith("json") or name == "null"
