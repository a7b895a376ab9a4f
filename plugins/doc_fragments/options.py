# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ..module_utils.commands import connection_options, options, read_options
from ..module_utils.commands.option_docs import documentation
from ..plugin_utils.inventory.options import INVENTORY as INVENTORY_OPTIONS


class ModuleDocFragment:
    """The groups of options, each under its own name: C(reforge.cloud.options.connection) and so on."""

    CONNECTION: str = documentation(connection_options.CONNECTION, pages=True)
    TARGETS: str = documentation(options.TARGETS)
    RESET_TARGETS: str = documentation(options.RESET_TARGETS)
    LEDGER_INFO: str = documentation(read_options.LEDGER_INFO)
    REBOOT_TARGETS: str = documentation(options.REBOOT_TARGETS)
    GUARDS: str = documentation(options.GUARDS)
    WAITING: str = documentation(options.WAITING)
    RESET: str = documentation(options.RESET)
    REBOOT: str = documentation(options.REBOOT)
    POWER: str = documentation(options.POWER)
    PASSWORD: str = documentation(options.PASSWORD)
    INSTANCE_INFO: str = documentation(read_options.INSTANCE_INFO)
    IMAGE_INFO: str = documentation(read_options.IMAGE_INFO)
    INVENTORY: str = documentation(INVENTORY_OPTIONS, pages=True)
