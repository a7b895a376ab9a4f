# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How the disks of an instance are called, to tell which ones a reset erases."""

from __future__ import annotations

from collections.abc import Sequence

from .model import Instance


def system_disk(instance: Instance) -> str:
    """The id of the system disk, or the word system where the provider does not tell it."""
    return (instance.system_disk.id if instance.system_disk else "") or "system"


def all_disks(instance: Instance) -> Sequence[str]:
    """The ids of all disks, with the words system and data for those that the provider does not tell."""
    return [system_disk(instance), *(disk.id or "data" for disk in instance.data_disks or ())]
