# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every error code that the vendor's SDKs list is classified: none is unknown only because nobody looked at
it.
"""

from __future__ import annotations

import pytest
from tencentcloud.cvm.v20170312 import errorcodes as cvm
from tencentcloud.ecm.v20190719 import errorcodes as ecm
from tencentcloud.lighthouse.v20200324 import errorcodes as lighthouse

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import Kind
from ansible_collections.reforge.cloud.plugins.module_utils.providers.tencent.errors import kind_of

LISTS = {"tencent_ecm": ecm, "tencent_lighthouse": lighthouse, "tencent_cvm": cvm}


def codes(module):
    return [value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)]


@pytest.mark.parametrize("name", LISTS)
def test_every_code_of_the_sdks_list_is_classified(name):
    errors, listed = PROVIDERS[name].errors, codes(LISTS[name])
    assert len(listed) > 100
    by_default = [code for code in listed if kind_of(code, errors) is Kind.UNKNOWN and code not in errors]
    assert by_default == []
