#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: instance_power
short_description: Start and stop cloud instances
version_added: 1.0.0
description:
  - Starts or stops instances and waits for the result.
  - Instances that are already in the wanted state stay unchanged; those on their way to it are waited for.
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.options.connection
  - reforge.cloud.options.power
  - reforge.cloud.options.targets
  - reforge.cloud.options.guards
  - reforge.cloud.options.waiting
  - reforge.cloud.attributes.writes
"""

EXAMPLES = r"""
- name: Stop an instance through its operating system
  reforge.cloud.instance_power:
    provider: zenlayer_zec
    instance_ids:
      - "1234567890123456789"
    state: stopped
  delegate_to: localhost

- name: Start all instances of a group with one call
  reforge.cloud.instance_power:
    provider: zenlayer_zec
    instance_ids: "{{ groups['edge'] | map('extract', hostvars, 'instance_id') }}"
    state: started
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
plan_id:
  description: Id of the plan, which identifies what the call would do or did.
  returned: when the instances could be read
  type: str
  sample: 4f1c8f0f6f2b9a37
instances:
  description:
    - One row for each instance, in the order of O(instance_ids), with the same fields as those of
      M(reforge.cloud.instance_reset). The best outcome is V(started) or V(stopped).
  returned: when the instances could be read
  type: list
  elements: dict
started_ids:
  description: Instances that were started; in check mode, those that would be.
  returned: when the instances could be read and O(state=started)
  type: list
  elements: str
stopped_ids:
  description: Instances that were stopped; in check mode, those that would be.
  returned: when the instances could be read and O(state=stopped)
  type: list
  elements: str
accepted_ids:
  description: Instances whose start or stop was accepted , with O(wait=false).
  returned: when the instances could be read
  type: list
  elements: str
unchanged_ids:
  description: Instances that needed no change.
  returned: when the instances could be read
  type: list
  elements: str
refused_ids:
  description: Instances that a rule refused. The task fails if there are any.
  returned: when the instances could be read
  type: list
  elements: str
failed_ids:
  description: Instances that could not be started or stopped. The task fails if there are any.
  returned: when the instances could be read
  type: list
  elements: str
unknown_ids:
  description: Instances whose result the provider's record does not prove. The task fails if there are any.
  returned: when the instances could be read
  type: list
  elements: str
timeout_ids:
  description: Instances still under way after O(wait_timeout). The task fails if there are any.
  returned: when the instances could be read
  type: list
  elements: str
rate_waited:
  description:
    - Seconds that requests waited for the rate limit of their action, by action, if noticeable. All
      calls of this user on this machine share the rates of an account.
  returned: always
  type: dict
  sample: {"ResetInstance": 12.4}
"""

from ..module_utils.commands.options import GUARDS, POWER, TARGETS, WAITING
from ..module_utils.commands.power import power
from ..module_utils.commands.run_module import run_module


def main() -> None:
    run_module(TARGETS, POWER, GUARDS, WAITING, body=power, writes=True)


if __name__ == "__main__":
    main()
