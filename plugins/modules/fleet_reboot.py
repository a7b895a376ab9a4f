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
    M(reforge.cloud.instance_reboot) does, all groups in parallel, in its own process on the controller.
  - Made for the role P(reforge.cloud.reboot#role).
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  prefix:
    description:
      - Prefix of the variables with the options of M(reforge.cloud.instance_reboot) for each host, such
        as V(reboot_). Empty values are ignored.
      - C(instance_id) takes the place of C(instance_ids). It and C(provider), C(region), C(endpoint) and
        C(profile) default to the variables of the inventory plugin P(reforge.cloud.instances#inventory).
    type: str
    required: true
  plan_from:
    description:
      - Name under which the result of this task in check mode, the plan, is registered. Outside check mode,
        exactly this plan is carried out; each host is bound to the C(digest) of its row.
    type: str
    required: true
  progress:
    description: Seconds between two progress lines of a group. V(0) shows none.
    type: float
    default: 30.0
attributes:
  check_mode:
    details: Makes and shows the plan; no write is sent.
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

- name: Carry out the plan
  reforge.cloud.fleet_reboot:
    prefix: reboot_
    plan_from: plan
  run_once: true
  register: outcome
"""

RETURN = r"""
hosts:
  description: The row of M(reforge.cloud.instance_reboot) for each host, by host name, with its C(group).
  returned: always
  type: dict
plan_id:
  description: Id of the plan of all groups together.
  returned: always
  type: str
plan_ids:
  description: The plan id of each group.
  returned: always
  type: dict
play:
  description: Id of the play, or of one use of the role in it. All batches share it.
  returned: always
  type: str
count:
  description: Number of hosts to be rebooted.
  returned: always
  type: int
calls:
  description: Number of groups; each had one call.
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
