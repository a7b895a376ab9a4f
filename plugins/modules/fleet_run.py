#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_run
short_description: Report on a run across jobs and machines
version_added: 1.0.0
description:
  - Combines the ledger's requests under a run ID and the artifacts of AWX jobs (refused hosts, with the
    reason) into one report.
  - Shows a table, writes a page on request, and sets the stats C(reforge_run) for workflows, with C(run_id),
    C(counts), C(again) and C(jobs), the number of jobs with artifacts.
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
      - Without a ledger the report has only the artifacts of jobs.
    type: str
  hosts_from:
    description: Name under which M(reforge.cloud.fleet_drift) is registered, which maps instances to hosts.
      An instance without a host is reported by its id.
    type: str
    required: true
  report_run_file:
    description:
      - File for the report. If its name ends in C(.html), it is an HTML page, with the data as JSON beside
        it; otherwise it is JSON.
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
  description: The result of each host, by host name, with C(outcome), C(problem), C(before), C(after),
    C(request_ids) and C(phases).
  returned: always
  type: dict
counts:
  description: Number of hosts by outcome; those that need attention come first.
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
  description: When the last one ended; the current time if one is open.
  returned: always
  type: str
seconds:
  description: Seconds from RV(began) to RV(ended).
  returned: always
  type: float
times:
  description: The C(median) and C(slowest) time of the hosts that are done, and the C(slowest_host);
    V(null) if there are none.
  returned: always
  type: dict
command:
  description: Always V(null), since the run may have had several commands.
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
