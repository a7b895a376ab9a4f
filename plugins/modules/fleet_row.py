#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_row
short_description: Report a host's own row of a fleet's result
version_added: 1.0.0
description:
  - Marks a host as changed, unchanged or failed, by its row in the result of M(reforge.cloud.fleet_reset) or
    M(reforge.cloud.fleet_reboot).
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  row:
    description: The row of the host. Without it O(result_from) is required.
    type: dict
  result_from:
    description: Name under which the result with the rows of all hosts is registered.
    type: str
  plan_from:
    description: Name under which the plan is registered. In check mode the rows are taken from it.
    type: str
  summary_from:
    description: Name under which the result of M(reforge.cloud.fleet_summary) is registered. Its
      C(problems) are used as O(problem).
    type: str
  problem:
    description: A problem with the host after its reset. If it is not empty, the task fails with it.
    type: str
  proof:
    description: A proof of success where the provider's record has none.
    type: str
attributes:
  check_mode:
    details: The row shows what would happen.
  diff_mode:
    details: Shows rows and tables instead.
"""

EXAMPLES = r"""
- name: Report the result of the host
  reforge.cloud.fleet_row:
    row: "{{ outcome.hosts[inventory_hostname] }}"
"""

RETURN = r"""
row:
  description: The row without empty fields.
  returned: always
  type: dict
"""
