# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ..module_utils.commands.options import documentation
from ..plugin_utils.inventory.options import INVENTORY


class ModuleDocFragment:
    """Options of the inventory plugin."""

    DOCUMENTATION: str = documentation(INVENTORY)
