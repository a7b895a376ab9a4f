# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tencent Cloud: ECM, Lighthouse and CVM of API 3.0, and the legacy API of CVM ("v2")."""

from __future__ import annotations

from emulator.wire import Wire
from emulator.wires.tencent import cvm, ecm, gateway, legacy, lighthouse

# The last service of API 3.0 also refuses what is for none of them.
WIRES: tuple[Wire, ...] = (
    gateway.wire(ecm.SERVICE),
    gateway.wire(lighthouse.SERVICE),
    gateway.wire(cvm.SERVICE, others=True),
    legacy.WIRE,
)
