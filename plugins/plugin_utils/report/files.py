# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The files that a play leaves: what is said of their names before it begins, and how they are written."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

from ...module_utils.core.text import some
from ..text.names import is_pattern

HTML = ".html"

display = Display()


def check_file(option: str, value: Any) -> str:
    """The path with the home folder in it, or empty text.

    Raises AnsibleActionFail when no file can be written there.
    """
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        raise AnsibleActionFail(f"{option}: {value!r} is not a file name: use a path")
    path = os.path.expanduser(os.path.expandvars(value))
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        raise AnsibleActionFail(f"{option}: {value!r} is a folder: use the path of a file in it")
    if not os.path.isdir(folder):
        raise AnsibleActionFail(f"{option}: {value!r} cannot be written: there is no folder {folder!r}")
    if not os.access(folder, os.W_OK) or (os.path.exists(path) and not os.access(path, os.W_OK)):
        raise AnsibleActionFail(f"{option}: {value!r} cannot be written: no permission; use another path")
    return path


def check_files(report_option: str, report: Any, limit_option: str, limit_file: Any) -> tuple[str, str]:
    """The paths of a report and of a limit file.

    Raises AnsibleActionFail when one of their files cannot be written.
    """
    report, limit_file = check_file(report_option, report), check_file(limit_option, limit_file)
    for beside in report_files(report) if report else ():
        check_file(report_option, beside)
    if limit_file and report and limit_file in report_files(report):
        raise AnsibleActionFail(
            f"{limit_option}: {limit_file!r} is also a file of {report_option}: use another path"
        )
    return report, limit_file


def report_files(path: str) -> list[str]:
    """The files of a report: the page with its data beside it, or just the data, by the ending of its
    name.
    """
    name, ending = os.path.splitext(path)
    return [path, f"{name}.json"] if ending == HTML else [path]


def events_of(path: str) -> str:
    """Where the events of all batches are kept for a report until it is whole."""
    return f"{path}.events"


def leave_report(
    option: str, path: str, report: Mapping[str, Any], page: Callable[[Mapping[str, Any]], str]
) -> None:
    """Write the files of a report."""
    *shown, data = report_files(path)
    for page_file in shown:
        write(option, page_file, page(report))
    write(option, data, json.dumps(report, indent=2) + "\n")


def leave_limit(option: str, path: str, hosts: Sequence[str], foreign: Sequence[str] = ()) -> None:
    """Write the hosts for ``--limit @file``, or take away what an earlier run left when there are none.

    One whose name is a pattern is left out with a warning: as a line of the file it could choose others.
    ``foreign``: lines that somebody else has written, which are kept as they are.
    """
    misleading = [host for host in hosts if is_pattern(host)]
    lines = [*(host for host in hosts if host not in misleading), *foreign]
    if lines:
        write(option, path, "".join(f"{line}\n" for line in lines))
    elif os.path.exists(path):
        os.unlink(path)
    if misleading:
        display.warning(f"{option}: omitted, since they would be patterns there: {some(misleading)}")


def write(option: str, path: str, text: str) -> None:
    """Write a file in one step: a limit file that is cut short, or empty, would choose other hosts.

    Raises AnsibleActionFail that names the option whose value the path is.
    """
    path = os.path.realpath(path)
    try:
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".reforge-")
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                os.fsync(file.fileno())
            os.chmod(temporary, _mode(path))
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise AnsibleActionFail(f"{option}: {path!r} cannot be written: {error.strerror}") from error


def _mode(path: str) -> int:
    """The rights of the file that is there, or those that a new one would have."""
    if os.path.exists(path):
        return os.stat(path).st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
