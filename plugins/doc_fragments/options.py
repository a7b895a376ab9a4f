# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ..module_utils.commands.options import CONNECTION, documentation


class ModuleDocFragment:
    """Options of every module: which provider, whose account."""

    DOCUMENTATION: str = documentation(CONNECTION)
