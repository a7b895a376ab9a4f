# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ..module_utils.commands.options import POWER, documentation


class ModuleDocFragment:
    """Options of instance_power."""

    DOCUMENTATION: str = documentation(POWER)
