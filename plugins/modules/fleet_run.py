#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_run
short_description: Report on a run, whatever jobs and machines it was spread over
version_added: 1.0.0
description:
  - Reads from the ledger what was done under a run ID, adds what the jobs of AWX handed over (hosts that
    were refused, and why), and makes one report of it.
  - Shows a table, writes a page if one is asked for, and sets the stats C(reforge_run) for workflows,
    with C(run_id), C(counts), C(again) and C(jobs), the number of jobs that handed over something.
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  run_id:
    description: The ID of the run.
    type: str
    required: true
  ledger:
    description:
      - The ledger, a file or a PostgreSQL database, as for M(reforge.cloud.instance_reset).
      - Without a ledger the report has only what the jobs handed over.
    type: str
  hosts_from:
    description: Name under which M(reforge.cloud.fleet_drift) is registered, which knows the hosts by
      their instances. An instance without a host is reported by its ID.
    type: str
    required: true
  report_run_file:
    description:
      - File for the report. If its name ends in C(.html), it is a page, with the data as JSON beside it;
        otherwise it is JSON.
      - Written in check mode, too.
    type: path
attributes:
  check_mode:
    details: Only reads, so check mode is the same.
  diff_mode:
    details: Shows a table instead.
"""

EXAMPLES = r"""
- name: Read the hosts
  reforge.cloud.fleet_drift:
    options_from: report_options
  run_once: true
  register: drift

- name: Report on the run
  reforge.cloud.fleet_run:
    run_id: night-7
    hosts_from: drift
    report_run_file: night-7.html
  run_once: true
"""

RETURN = r"""
run_id:
  description: The ID of the run.
  returned: always
  type: str
hosts:
  description: What became of each host by its name, with C(outcome), C(problem), C(before), C(after),
    C(request_ids) and C(phases).
  returned: always
  type: dict
counts:
  description: How many hosts came to which outcome; those that need attention first.
  returned: always
  type: dict
again:
  description: The hosts to run again.
  returned: always
  type: list
  elements: str
began:
  description: When the first request was made.
  returned: always
  type: str
ended:
  description: When the last one ended, or now if one is open.
  returned: always
  type: str
seconds:
  description: The time between them.
  returned: always
  type: float
times:
  description: The C(median), the C(slowest) and the C(slowest_host) of the hosts that were done; V(null)
    if there are none.
  returned: always
  type: dict
command:
  description: Always V(null), as the run may have had several commands.
  returned: always
  type: str
caveats:
  description: Always empty.
  returned: always
  type: list
  elements: str
format:
  description: Format of the report.
  returned: always
  type: int
"""
