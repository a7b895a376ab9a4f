# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lighthouse, version 2020-03-24. Instances are regional: X-TC-Region is needed for everything but
DescribeRegions.

Requests per second after the actions' pages (cloud.tencent.com/document/product/1207/47571 ResetInstance,
47572 RebootInstances, 47573 DescribeInstances, 55552 DescribeInstancesDeniedActions, 47689
DescribeBlueprints): 10, and 100 for DescribeInstances, 20 for DescribeResetInstanceBlueprints (the product's
table of rates, www.tencentcloud.com/document/product/1103/42451). Where no number is known to us, it is that
of the siblings, 10.
"""

from __future__ import annotations

from emulator.wires.tencent.gateway import Service
from emulator.wires.tencent.lighthouse import reads, writes

SERVICE = Service(
    "tencent_lighthouse",
    "lighthouse",
    "2020-03-24",
    (*reads.ACTIONS, *writes.ACTIONS),
    {"*": 10, "DescribeInstances": 100, "DescribeResetInstanceBlueprints": 20},
)
