# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that the vendors' pages say of what the modules do, each page in our own words."""

from __future__ import annotations

from tools.pages.other_verbs import OTHER_VERBS
from tools.pages.tencent_resets import TENCENT_RESETS
from tools.pages.zenlayer_resets import ZENLAYER_RESETS

DOCUMENTS = (*ZENLAYER_RESETS, *TENCENT_RESETS, *OTHER_VERBS)

# All states that the vendors' lists name, whatever page they stand on.
TENCENT_STATES = (
    "PENDING LAUNCH_FAILED RUNNING STOPPED STARTING STOPPING REBOOTING SHUTDOWN TERMINATING "
    "ENTER_RESCUE_MODE RESCUE_MODE EXIT_RESCUE_MODE"
)
STATES = {
    "zenlayer_zec": (
        "PENDING DEPLOYING REBUILDING REBOOT BOOTING STARTING STOPPING RESIZING IMAGING RELEASING RECYCLING "
        "RUNNING STOPPED RECYCLE RECYCLED CREATE_FAILED REINSTALL_FAILED"
    ),
    "zenlayer_bmc": (
        "PENDING CREATING CREATE_FAILED INSTALLING INSTALL_FAILED RUNNING STOPPED BOOTING STOPPING RECYCLE "
        "RECYCLING"
    ),
    "zenlayer_vm": (
        "PENDING DEPLOYING REBUILDING REBOOT RUNNING STOPPED BOOTING RELEASING STOPPING RECYCLE RECYCLING "
        "CREATE_FAILED IMAGING"
    ),
    "tencent_ecm": "PENDING LAUNCH_FAILED RUNNING STOPPED STARTING STOPPING REBOOTING SHUTDOWN TERMINATING",
    "tencent_lighthouse": f"{TENCENT_STATES} DELETING FREEZING",
    "tencent_cvm": f"{TENCENT_STATES} ENTER_SERVICE_LIVE_MIGRATE SERVICE_LIVE_MIGRATE "
    "EXIT_SERVICE_LIVE_MIGRATE",
    "tencent_cvm_v2": "-1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
}
# The states in which something is under way that has no word of ours: it is waited out, or holds the instance
# back.
WAITED_OUT = {
    "zenlayer_zec": "RESIZING IMAGING",
    "zenlayer_vm": "IMAGING",
    "tencent_lighthouse": "ENTER_RESCUE_MODE RESCUE_MODE EXIT_RESCUE_MODE FREEZING",
    "tencent_cvm": (
        "ENTER_RESCUE_MODE RESCUE_MODE EXIT_RESCUE_MODE ENTER_SERVICE_LIVE_MIGRATE SERVICE_LIVE_MIGRATE "
        "EXIT_SERVICE_LIVE_MIGRATE"
    ),
    "tencent_cvm_v2": "11 12 13 15 16 17 18 19 20",
}
