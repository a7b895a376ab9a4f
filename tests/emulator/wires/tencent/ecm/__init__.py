# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Edge Computing Machine (ECM), version 2019-07-19. X-TC-Region is not needed and not looked at.

"A maximum of 20 requests can be initiated per second for this API" (ResetInstances and the pages of its
siblings).
"""

from __future__ import annotations

from emulator.wires.tencent.ecm import reads, writes
from emulator.wires.tencent.gateway import Service

SERVICE = Service("tencent_ecm", "ecm", "2019-07-19", (*reads.ACTIONS, *writes.ACTIONS), {"*": 20})
