#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_drift
short_description: Compare the images of all hosts of a play with those that they should run
version_added: 1.0.0
description:
  - Groups the hosts of the play by provider, region, endpoint and credentials, calls
    M(reforge.cloud.instance_info) once for each group, all groups side by side, and compares the image of
    each instance with the one that its host should run.
  - Shows a table, writes a report and a limit file if they are wanted, and sets the stats
    C(reforge_drift) for workflows, with C(counts), C(drifted) and C(unreadable).
  - A group that cannot be read does not hide the others. The task itself fails for bad input only, before
    anything is sent. Other reasons to fail are in RV(problem), for a task after it, as in the playbook
    C(reforge.cloud.report).
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  options_from:
    description:
      - Name of the variable with a dictionary of the connection options (C(provider), C(region) and so
        on), C(instance_id), and C(image_id), the image that the host should run. It is evaluated for each
        host. Empty values are not used.
    type: str
    required: true
  report_file:
    description:
      - File for the report. If its name ends in C(.html), it is a page, with the data as JSON beside it;
        otherwise it is JSON.
      - Written in check mode, too.
    type: path
  report_limit_file:
    description:
      - File for the names of the hosts in RV(drifted), for C(--limit @file). It is removed when there are
        none.
      - A name that would be a pattern in it, such as V(*), is left out with a warning.
      - Written in check mode, too.
    type: path
  report_fail:
    description: Whether RV(problem) names the hosts that drifted, besides the groups that could not be
      read.
    type: bool
    default: false
attributes:
  check_mode:
    details: Only reads, so check mode is the same.
  diff_mode:
    details: Shows a table instead.
"""

EXAMPLES = r"""
- name: Who is not on the wanted image
  reforge.cloud.fleet_drift:
    options_from: report_options
    report_file: drift.html
    report_limit_file: drift.limit
  run_once: true
  register: drift

- name: Fail for groups that could not be read
  ansible.builtin.fail:
    msg: "{{ drift.problem }}"
  when: drift.problem | length > 0
  run_once: true
"""

RETURN = r"""
hosts:
  description: What was found of each host by its name, those that need attention first.
  returned: always
  type: dict
  contains:
    state:
      description:
        - V(wanted), it runs the wanted image; V(drifted), it runs another; V(reset failed), its last
          reset did; V(resetting), a reset is under way; V(no wanted image), none was said; V(not found);
          V(recycled), also when it is being terminated; V(not readable), the group's call failed.
      type: str
    message:
      description: Why, as a sentence.
      type: str
    instance_id:
      description: Id of the instance.
      type: str
    wanted_image_id:
      description: The image that it should run.
      type: str
    image_id:
      description: The image that the provider shows.
      type: str
    image_name:
      description: Its name.
      type: str
    provider:
      description: Provider.
      type: str
    region:
      description: Region.
      type: str
    zone:
      description: Zone.
      type: str
    group:
      description: Name of the group of hosts that were read by one call.
      type: str
    name:
      description: Name of the instance.
      type: str
    status:
      description: State of the instance, in the words of M(reforge.cloud.instance_info).
      type: str
    vendor_status:
      description: The same in the vendor's word.
      type: str
    tags:
      description: Tags of the instance.
      type: dict
    created_at:
      description: When it was created, as the vendor writes it.
      type: str
    since:
      description: When its last reset began, where the provider tells.
      type: str
    age:
      description: How many seconds ago that was.
      type: float
    error:
      description: What the provider answered to the group's call when that failed, C(code), C(message),
        C(request_id), C(advice).
      type: dict
counts:
  description: How many hosts are in each state.
  returned: always
  type: dict
drifted:
  description: The hosts that a rebuild would put on the wanted image, V(drifted) and V(reset failed).
  returned: always
  type: list
  elements: str
unreadable:
  description: The groups that could not be read by their names, each with its C(hosts), the C(reason) and
    the C(error).
  returned: always
  type: dict
problem:
  description: Why a run should fail in the end; empty when it should not.
  returned: always
  type: str
command:
  description: The command that plans the rebuild of the hosts in the limit file.
  returned: always
  type: str
calls:
  description: How many groups there were, with a call for each.
  returned: always
  type: int
at:
  description: When the instances were read.
  returned: always
  type: str
format:
  description: Format of the report.
  returned: always
  type: int
"""
