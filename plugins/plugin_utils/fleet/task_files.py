# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The files of tasks that a user has for the hosts of a role."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from .groups import FleetError

TASK_FILES = ("before_tasks", "after_tasks", "health_tasks")


def take_task_files(
    members: Mapping[str, dict[str, Any]], prefix: str, folders: Sequence[str]
) -> dict[str, str]:
    """Take the task files out of the options: where each is, by the name that it was given.

    A name that is not absolute begins at the first of the folders in which there is such a file. Raises
    FleetError where there is none.
    """
    places: dict[str, str] = {}
    for host, options in members.items():
        for option in TASK_FILES:
            name = options.pop(option, None)
            if name and name not in places:
                places[name] = _place(str(name), f"host {host}: {prefix}{option}", folders)
    return places


def _place(name: str, whose: str, folders: Sequence[str]) -> str:
    wanted = [os.path.join(folder, os.path.expanduser(name)) for folder in folders]
    place = next((path for path in wanted if os.path.isfile(path)), None)
    if place is None:
        raise FleetError(
            f"{whose}: there is no file {name!r}, neither in {' nor in '.join(map(repr, folders))}"
        )
    return os.path.realpath(place)
