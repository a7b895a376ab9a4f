#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_summary
short_description: Sum up a rebuild and list the hosts to run again
version_added: 1.0.0
description:
  - Shows a table of the hosts of the batch, writes the names of those to run again to a file for C(--limit),
    and sets the stats C(rebuild) for workflows, with C(counts) and C(again).
  - With C(serial) the file, the stats and the report cover all batches so far. Hosts of later batches count
    as hosts to run again, since the play may end before them.
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  result_from:
    description: Name under which M(reforge.cloud.fleet_reset) is registered.
    type: str
    required: true
  plan_from:
    description: Name under which M(reforge.cloud.fleet_reset) is registered in check mode.
    type: str
    required: true
  system_from:
    description: Name of the variable that holds the result of M(reforge.cloud.fleet_systems).
    type: str
    required: true
  problem_from:
    description: Name of the variable with the problem of a host that was reset; empty for the others.
    type: str
  summary_from:
    description: Name under which this task is registered, to continue from earlier batches and other plays.
    type: str
    required: true
  limit_file:
    description: File for the names of the hosts to run again. It is removed if there are none.
    type: path
  report:
    description:
      - File for the report. If its name ends in C(.html), it is an HTML page, with the data as JSON beside
        it; otherwise it is JSON.
      - The events that M(reforge.cloud.fleet_reset) kept for it are removed after the last batch.
    type: path
  run_id:
    description: The run ID, for the report.
    type: str
  provisional:
    description:
      - Whether more tasks follow for the hosts. The table is then shown only if no host is left after them.
    type: bool
    default: false
attributes:
  check_mode:
    details: Shows the table and writes no file.
  diff_mode:
    details: Shows rows and tables instead.
"""

EXAMPLES = r"""
- name: Sum up
  reforge.cloud.fleet_summary:
    result_from: outcome
    plan_from: plan
    system_from: system_after
    limit_file: rebuild.limit
    summary_from: summary
  run_once: true
  register: summary
"""

RETURN = r"""
hosts:
  description: The rows of all batches so far, with C(system), the view from inside, and C(problem).
  returned: always
  type: dict
play:
  description: Id of the play. All batches share it.
  returned: always
  type: str
limit_file:
  description: The file, if there is one.
  returned: always
  type: str
began_at:
  description: When the first batch began, in seconds since 1970.
  returned: always
  type: float
problems:
  description: The problems of hosts of the batch that were reset or are unchanged.
  returned: always
  type: dict
attention:
  description:
    - The hosts that need attention, as text, which M(reforge.cloud.fleet_row) shows again after many rows of
      hosts. Empty for a batch that fits on a screen.
  returned: always
  type: str
again:
  description: The hosts to run again.
  returned: always
  type: list
  elements: str
"""
