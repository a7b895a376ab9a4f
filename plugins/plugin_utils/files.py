# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Files that an option names."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail


def write_file(path: str, option: str, text: str) -> None:
    """Write a file. Raises AnsibleActionFail, with the option and the path, where that cannot be done."""
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise AnsibleActionFail(f"{option}: {path!r} cannot be written: {error.strerror}") from error
