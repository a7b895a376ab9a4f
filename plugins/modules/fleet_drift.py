#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_drift
short_description: Compare the images of all hosts of a play with the wanted ones
version_added: 1.0.0
description:
  - Groups the hosts of the play by provider, region, endpoint and credentials, calls
    M(reforge.cloud.instance_info) once per group, in parallel, and compares the image of each instance with
    the wanted image of its host.
  - Shows a table, writes a report and a limit file on request, and sets the stats C(reforge_drift) for
    workflows, with C(counts), C(drifted) and C(unreadable).
  - If a group cannot be read, the others are still reported. The task itself fails only for bad input, before
    anything is sent. Other problems are in RV(problem), for a later task to fail on, as in the playbook
    C(reforge.cloud.report).
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  options_from:
    description:
      - Name of the variable with a dictionary of the connection options (C(provider), C(region) and so
        on), C(instance_id), and C(image_id), the wanted image. It is evaluated for each host. Empty values
        are ignored.
    type: str
    required: true
  report_file:
    description:
      - File for the report. If its name ends in C(.html), it is an HTML page, with the data as JSON beside
        it; otherwise it is JSON.
      - Written in check mode, too.
    type: path
  report_limit_file:
    description:
      - File for the names of the hosts in RV(drifted), for C(--limit @file). It is removed if there are none.
      - A name that would be a pattern, such as V(*), is omitted with a warning.
      - Written in check mode, too.
    type: path
  report_fail:
    description: Whether drifted hosts are a RV(problem), besides groups that could not be read.
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
  description: The state of each host, by host name; hosts that need attention come first.
  returned: always
  type: dict
  contains:
    state:
      description:
        - V(wanted), it runs the wanted image; V(drifted), it runs another; V(reset failed), its last
          reset failed; V(resetting), a reset is under way; V(no wanted image), none is set; V(not found);
          V(recycled), or being terminated; V(not readable), the group's call failed.
      type: str
    message:
      description: The reason, as a sentence.
      type: str
    instance_id:
      description: Id of the instance.
      type: str
    wanted_image_id:
      description: The wanted image.
      type: str
    image_id:
      description: The image in the provider's record.
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
      description: Name of the group of hosts that one call read.
      type: str
    name:
      description: Name of the instance.
      type: str
    status:
      description: Status of the instance, as in M(reforge.cloud.instance_info).
      type: str
    vendor_status:
      description: The vendor's own word for it.
      type: str
    tags:
      description: Tags of the instance.
      type: dict
    created_at:
      description: When it was created, as the vendor writes it.
      type: str
    since:
      description: When its last reset began, if the provider records it.
      type: str
    age:
      description: Seconds since then.
      type: float
    error:
      description: The provider's error if the group's call failed, with C(code), C(message), C(request_id)
        and C(advice).
      type: dict
counts:
  description: Number of hosts by state.
  returned: always
  type: dict
drifted:
  description: The hosts that a rebuild would put on the wanted image, V(drifted) and V(reset failed).
  returned: always
  type: list
  elements: str
unreadable:
  description: The groups that could not be read, by name, each with its C(hosts), C(reason) and C(error).
  returned: always
  type: dict
problem:
  description: Why the run should fail; empty if it should not.
  returned: always
  type: str
command:
  description: The command that plans the rebuild of the hosts in the limit file.
  returned: always
  type: str
calls:
  description: Number of groups; each had one call.
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
