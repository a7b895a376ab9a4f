#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_reboot
short_description: Reboot all hosts of a batch within one task
version_added: 1.0.0
description:
  - Groups the hosts of the batch by their options and does for each group what one call of
    M(reforge.cloud.instance_reboot) does, all groups side by side, in its own process on the controller.
  - Made for the role P(reforge.cloud.reboot#role).
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  prefix:
    description:
      - Prefix of the variables with the options of M(reforge.cloud.instance_reboot) for each host, such
        as V(reboot_). Empty values are not sent.
      - Instead of C(instance_ids) there is C(instance_id). It and C(provider), C(region), C(endpoint) and
        C(profile) are also taken from the variables of an inventory made by
        P(reforge.cloud.instances#inventory).
    type: str
    required: true
  plan_from:
    description:
      - Name under which the result of this task in check mode is registered. That is the plan. Outside
        check mode, exactly that is carried out, to each host as the C(digest) of its row says.
    type: str
    required: true
  progress:
    description: Seconds between two progress lines for each group. V(0) shows none.
    type: float
    default: 30.0
attributes:
  check_mode:
    details: Makes and shows the plan, and sends nothing that changes anything.
  diff_mode:
    details: Shows rows and tables instead.
"""

EXAMPLES = r"""
- name: Plan
  reforge.cloud.fleet_reboot:
    prefix: reboot_
    plan_from: plan
  check_mode: true
  run_once: true
  register: plan

- name: Do just that
  reforge.cloud.fleet_reboot:
    prefix: reboot_
    plan_from: plan
  run_once: true
  register: outcome
"""

RETURN = r"""
hosts:
  description: The row of M(reforge.cloud.instance_reboot) for each host by its name, with the name of its
    C(group).
  returned: always
  type: dict
plan_id:
  description: One name for the plans of all groups.
  returned: always
  type: str
plan_ids:
  description: The name of the plan of each group.
  returned: always
  type: dict
play:
  description: The same for all batches of a play, and for one use of a role in it.
  returned: always
  type: str
count:
  description: How many hosts are to be rebooted.
  returned: always
  type: int
calls:
  description: How many groups there were, with a call for each.
  returned: always
  type: int
began_at:
  description: When it began, in seconds since 1970.
  returned: always
  type: float
seconds:
  description: How long it took.
  returned: always
  type: float
"""
