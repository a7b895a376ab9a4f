# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reboot all hosts of a batch within one task."""

from __future__ import annotations

from ..module_utils.commands.connection_options import CONNECTION
from ..module_utils.commands.options import GUARDS, REBOOT, REBOOT_TARGETS, WAITING
from ..plugin_utils.fleet.action import FleetAction


class ActionModule(FleetAction):
    """Needs no confirmation: a reboot destroys nothing."""

    MODULE = "reforge.cloud.instance_reboot"
    DOES = "will be rebooted"
    OPTIONS = {**REBOOT_TARGETS, **CONNECTION, **REBOOT, **GUARDS, **WAITING}
