# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ansible_collections.reforge.cloud.plugins.module_utils.options import documentation
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory_options import INVENTORY


class ModuleDocFragment:
    """Options of the inventory plugin."""

    DOCUMENTATION: str = documentation(INVENTORY)
