# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The emulated APIs, in a static list: an API is here or it is not emulated."""

from __future__ import annotations

from emulator.wire import Wire
from emulator.wires import tencent, zenlayer

WIRES: tuple[Wire, ...] = (
    *zenlayer.WIRES,
    *tencent.WIRES,
)
