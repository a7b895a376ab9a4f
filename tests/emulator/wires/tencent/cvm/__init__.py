# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cloud Virtual Machine (CVM), version 2017-03-12, of API 3.0. Instances are regional: X-TC-Region is needed.

Requests per second after the actions' pages (cloud.tencent.com/document/api/213/15728 DescribeInstances,
15738 DescribeInstancesStatus, 15742 RebootInstances and the rest under 15689): 10 for writes, 40 for the
describing ones, 20 for regions and zones. Where no number is known to us (images, key pairs) it is that of
the other describing ones.
"""

from __future__ import annotations

from emulator.wires.tencent.cvm import reads, writes
from emulator.wires.tencent.gateway import Service

SERVICE = Service(
    "tencent_cvm",
    "cvm",
    "2017-03-12",
    (*reads.ACTIONS, *writes.ACTIONS),
    {
        **{action.name: 10 if action.writes else 40 for action in (*reads.ACTIONS, *writes.ACTIONS)},
        "DescribeRegions": 20,
        "DescribeZones": 20,
    },
)
