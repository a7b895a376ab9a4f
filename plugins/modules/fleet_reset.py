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
    M(reforge.cloud.instance_reset) does, all groups in parallel, in its own process on the controller.
  - Made for the role P(reforge.cloud.rebuild#role).
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  prefix:
    description:
      - Prefix of the variables with the options of M(reforge.cloud.instance_reset) for each host, such as
        V(rebuild_). Empty values are ignored.
      - C(instance_id) takes the place of C(instance_ids). It and C(provider), C(region), C(endpoint) and
        C(profile) default to the variables of the inventory plugin P(reforge.cloud.instances#inventory).
      - C(ssh) says whether to log in to the host, within C(ssh_timeout) seconds; C(before_tasks),
        C(after_tasks) and C(health_tasks) are files that must exist. These are not sent.
    type: str
    required: true
  plan_from:
    description:
      - Name under which the result of this task in check mode, the plan, is registered. Outside check mode,
        exactly this plan is carried out.
      - With C(serial) there is one plan for all hosts of the play. The first batch makes and shows it; the
        others use it. A batch that contains only a part of a group is checked again, and continues only if it
        would do the same.
    type: str
    required: true
  confirm:
    description:
      - The number of hosts that the plan wipes, or its C(plan_id). Required for the plan unless the play is
        in check mode.
      - A run that continues under its C(run_id) may have fewer hosts left to wipe.
    type: str
  approved:
    description: Instead of O(confirm), the C(digests) of another plan, as a dictionary, JSON or the path of a
      JSON file.
    type: raw
  before_from:
    description: Name of the variable with the result of M(reforge.cloud.fleet_systems) before the reset. The
      ledger keeps the identities of the systems.
    type: str
  held_back_from:
    description: Name of the variable with the reason why a host is held back; empty or undefined for the
      others.
    type: str
  progress:
    description: Seconds between two progress lines of a group. V(0) shows none.
    type: float
    default: 30.0
  report:
    description: File for the report. The events of all calls are kept beside it, as C(.events).
    type: path
  limit_file:
    description:
      - File for the names of the hosts that are not done, written before anything is sent.
      - An unchanged host that is in the file when the plan is made was never proven from inside, so it is
        logged in to.
    type: path
  summary_from:
    description: Name under which M(reforge.cloud.fleet_summary) is registered, with the results of earlier
      batches.
    type: str
    default: rebuild_summary
attributes:
  check_mode:
    details: Makes and shows the plan; no write is sent.
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

- name: Carry out the plan
  reforge.cloud.fleet_reset:
    prefix: rebuild_
    plan_from: plan
    confirm: "{{ rebuild_confirm }}"
  run_once: true
  register: outcome
"""

RETURN = r"""
hosts:
  description: The row of M(reforge.cloud.instance_reset) for each host, by host name, with its C(group),
    whether it has C(ssh), the C(wanted) image, a digest of its public C(options), and whether a reset of an
    earlier run is C(to_prove).
  returned: always
  type: dict
touched:
  description: The hosts whose earlier facts are no longer valid.
  returned: always
  type: list
  elements: str
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
flow:
  description:
    - Work besides the calls. V(hooks) means task files, V(systems) means logins to hosts, V(instances) means
      neither. A play in check mode has V(none).
  returned: in check mode
  type: str
task_files:
  description: The absolute path of each task file, by the name that the hosts use.
  returned: in check mode
  type: dict
run_id:
  description: The run ID, generated unless the hosts have one. Empty without a ledger.
  returned: in check mode
  type: str
digests:
  description: The C(digest) of each host that would be wiped, for an approval.
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
  description: Number of hosts that the plan wipes.
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
