# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The providers, listed by hand: a module is shipped with what it imports by name, so a scan would find
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..core.provider import Provider
from ..providers.tencent_cvm import PROVIDER as TENCENT_CVM
from ..providers.tencent_cvm_v2 import PROVIDER as TENCENT_CVM_V2
from ..providers.tencent_ecm import PROVIDER as TENCENT_ECM
from ..providers.tencent_lighthouse import (
    PROVIDER as TENCENT_LIGHTHOUSE,
)
from ..providers.zenlayer_bmc import PROVIDER as ZENLAYER_BMC
from ..providers.zenlayer_vm import PROVIDER as ZENLAYER_VM
from ..providers.zenlayer_zec import PROVIDER as ZENLAYER_ZEC

PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        ZENLAYER_ZEC,
        ZENLAYER_BMC,
        ZENLAYER_VM,
        TENCENT_ECM,
        TENCENT_LIGHTHOUSE,
        TENCENT_CVM,
        TENCENT_CVM_V2,
    )
}
