#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_reset
short_description: Reset all hosts of a batch within one task
version_added: 1.0.0
description:
  - Groups the hosts of the batch by their options and does for each group what one call of
    M(reforge.cloud.instance_reset) does, all groups side by side, in its own process on the controller.
  - Made for the role P(reforge.cloud.rebuild#role).
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  prefix:
    description:
      - Prefix of the variables with the options of M(reforge.cloud.instance_reset) for each host, such as
        V(rebuild_). Empty values are not sent.
      - Instead of C(instance_ids) there is C(instance_id). It and C(provider), C(region), C(endpoint) and
        C(profile) are also taken from the variables of an inventory made by
        P(reforge.cloud.instances#inventory).
      - C(ssh) says whether the host is logged in to, within C(ssh_timeout) seconds; C(before_tasks),
        C(after_tasks) and C(health_tasks) are files that have to exist. These are not sent.
    type: str
    required: true
  plan_from:
    description:
      - Name under which the result of this task in check mode is registered. That is the plan. Outside
        check mode, exactly that is carried out.
      - With C(serial) the plan is one for all hosts of the play. The first batch makes and shows it; the
        others use it. A batch that is part of a group is checked again, and continues only if it would do
        the same.
    type: str
    required: true
  confirm:
    description:
      - The number of hosts that the plan wipes, or its C(plan_id). Needed for the plan of a play that is
        not in check mode.
      - A run that continues under its C(run_id) may have fewer left to wipe than this number.
    type: str
  approved:
    description: In place of O(confirm), the C(digests) of another plan, as a dictionary, JSON or the path
      of a file.
    type: raw
  before_from:
    description: Name of the variable with the result of M(reforge.cloud.fleet_systems) before the reset. The
      ledger keeps what identifies the systems.
    type: str
  held_back_from:
    description: Name of the variable with the reason why a host is held back; empty or undefined for all
      others.
    type: str
  progress:
    description: Seconds between two progress lines for each group. V(0) shows none.
    type: float
    default: 30.0
  report:
    description: File of the report. The events of all calls are kept beside it, as C(.events).
    type: path
  limit_file:
    description:
      - File for the names of the hosts that are still to be done, written before anything is sent.
      - A host that it names when the plan is made, and that is unchanged, was never proven from inside,
        and so is logged in to.
    type: path
  summary_from:
    description: Name under which M(reforge.cloud.fleet_summary) is registered, to know what became of the
      earlier batches.
    type: str
    default: rebuild_summary
attributes:
  check_mode:
    details: Makes and shows the plan, and sends nothing that changes anything.
  diff_mode:
    details: Shows rows and tables instead.
"""

EXAMPLES = r"""
- name: Plan
  reforge.cloud.fleet_reset:
    prefix: rebuild_
    plan_from: plan
  check_mode: true
  run_once: true
  register: plan

- name: Do just that
  reforge.cloud.fleet_reset:
    prefix: rebuild_
    plan_from: plan
    confirm: "{{ rebuild_confirm }}"
  run_once: true
  register: outcome
"""

RETURN = r"""
hosts:
  description: The row of M(reforge.cloud.instance_reset) for each host by its name, with the name of its
    C(group), whether it has C(ssh), the image that is C(wanted), a name for its public C(options), and
    whether a reset of an earlier run is C(to_prove).
  returned: always
  type: dict
touched:
  description: The hosts of which what was known before does not hold any more.
  returned: always
  type: list
  elements: str
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
flow:
  description:
    - What there is to do besides the calls. V(hooks) means task files, V(systems) means that hosts are
      logged in to, V(instances) means neither. A play in check mode has V(none).
  returned: in check mode
  type: str
task_files:
  description: Where each of the task files is, by the name that a host has for it.
  returned: in check mode
  type: dict
run_id:
  description: The id of the run, made here unless the hosts have one. Empty without a ledger.
  returned: in check mode
  type: str
digests:
  description: What can be approved of the plan, the C(digest) of the row of each host that would be
    wiped.
  returned: in check mode
  type: dict
uses:
  description: The results of other uses of the role in this play.
  returned: in check mode
  type: dict
sealed:
  description: The options of the hosts, which only a later task of this run can read.
  returned: in check mode
  type: str
count:
  description: How many hosts the plan wipes.
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
