# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Zenlayer Cloud: Elastic Compute (zec), Bare Metal (bmc), Virtual Machine (vm), and the key pairs of all
three (ccs).
"""

from __future__ import annotations

from emulator.wires.zenlayer import bmc, keys, reads, vm, writes
from emulator.wires.zenlayer.gateway import wire

WIRES = (
    wire("zenlayer_bmc", "bmc", "2026-02-01", bmc.ACTIONS),
    wire("zenlayer_vm", "vm", "2026-04-01", vm.ACTIONS),
    wire("zenlayer_zec", "ccs", "2025-09-01", keys.ACTIONS, shared_with=keys.SHARED_WITH),
    wire("zenlayer_zec", "zec", "2025-09-01", (*reads.ACTIONS, *writes.ACTIONS), unknown_services=True),
)
