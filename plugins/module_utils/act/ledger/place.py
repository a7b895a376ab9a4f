# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Where the ledger is: an option, the environment, or the default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from ...core.errors import InputError

VARIABLE = "REFORGE_LEDGER"
FILE_NAME = os.path.join("reforge.cloud", "ledger.jsonl")


class Place(NamedTuple):
    """A path or a postgresql:// address. ``required``: it was set by an option or the environment."""

    location: str
    required: bool


def place_of(option: str | None, environment: Mapping[str, str] | None = None) -> Place | None:
    """The place by the option, else the environment, else the default; None for an option that is empty.

    The default follows the XDG base directory specification, which ignores a relative XDG_STATE_HOME:
    https://specifications.freedesktop.org/basedir-spec/latest/

    Raises InputError where the environment has a relative path: a run has several folders.
    """
    if option is not None:
        return Place(os.path.expanduser(option), True) if option else None
    environment = os.environ if environment is None else environment
    if environment.get(VARIABLE):
        return Place(_absolute(environment[VARIABLE]), True)
    state = environment.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):
        state = os.path.join(os.path.expanduser("~"), ".local", "state")
    return Place(os.path.join(state, FILE_NAME), False)


def _absolute(value: str) -> str:
    location = os.path.expanduser(value)
    if "://" not in location and not os.path.isabs(location):
        raise InputError(f"{VARIABLE}: {value!r} has to be an absolute path, or postgresql://...")
    return location
