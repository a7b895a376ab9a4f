#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_summary
short_description: Show the end of a rebuild and leave the hosts to run again
version_added: 0.1.0
description:
  - Shows a table of all hosts, writes the names of those to run again into a file for C(--limit), and sets stats for
    workflows under C(rebuild), with C(counts) and C(again).
author:
  - reforge.cloud contributors (@reforge-cloud)
options:
  result:
    description: What M(reforge.cloud.fleet_reset) returned.
    type: dict
    required: true
  system_from:
    description: Name of the variable that holds the result of M(reforge.cloud.system_identity) for each host.
    type: str
    required: true
  limit_file:
    description: File for the names of the hosts to run again. It is removed when there are none.
    type: path
  report:
    description:
      - File for the report, a page that shows it when its name ends in C(.html), with the same as JSON beside it, else JSON.
    type: path
  events:
    description: The file that was given to M(reforge.cloud.fleet_reset) as C(keep_events), for the report.
    type: path
  run_id:
    description: Name of the run, for the report.
    type: str
attributes:
  action:
    description: Runs as an action plugin, on the controller.
    support: full
    details: An action plugin; it runs on the controller.
  check_mode:
    description: Can run in check mode, in which it changes nothing.
    support: full
    details: Shows the table and writes no file.
  diff_mode:
    description: Shows in diff mode what it changes.
    support: none
    details: Shows rows and tables instead.
"""

EXAMPLES = r"""
- name: Sum up
  reforge.cloud.fleet_summary:
    result: "{{ outcome }}"
    system_from: system_after
    limit_file: rebuild.limit
  run_once: true
"""

RETURN = r"""
problems:
  description: Why the new system did not prove itself, for the hosts where it did not.
  returned: always
  type: dict
again:
  description: The hosts to run again.
  returned: always
  type: list
  elements: str
"""
