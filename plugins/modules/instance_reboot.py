#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: instance_reboot
short_description: Reboot cloud instances
version_added: 1.0.0
description:
  - Reboots instances through the provider's API, even if they no longer answer, and waits for the result.
  - The reboot is proven by the provider's record or an observed transition; the running state from before
    never counts.
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.options.connection
  - reforge.cloud.options.reboot
  - reforge.cloud.options.reboot_targets
  - reforge.cloud.options.guards
  - reforge.cloud.options.waiting
  - reforge.cloud.attributes.writes
"""

EXAMPLES = r"""
- name: Reboot two instances, by power if the operating system does not answer
  reforge.cloud.instance_reboot:
    provider: zenlayer_zec
    instance_ids:
      - "1234567890123456789"
      - "1234567890123456790"
    mode: soft_then_hard
  delegate_to: localhost

- name: Reboot each instance once since the maintenance began, however often this task runs
  reforge.cloud.instance_reboot:
    provider: zenlayer_zec
    instance_ids: "{{ ids }}"
    since: "2026-01-31T12:00:00Z"
    ledger: /var/lib/reforge/ledger.jsonl
    if_stopped: skip
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
      M(reforge.cloud.instance_reset). The best outcome is V(rebooted), or V(started) for one that was
      stopped.
  returned: when the instances could be read
  type: list
  elements: dict
rebooted_ids:
  description: Instances that were rebooted; in check mode, those that would be.
  returned: when the instances could be read
  type: list
  elements: str
started_ids:
  description: Instances that were stopped and have been started.
  returned: when there are any
  type: list
  elements: str
accepted_ids:
  description: Instances whose reboot was accepted, with O(wait=false).
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
  description: Instances whose reboot failed. The task fails if there are any.
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

from ..module_utils.commands.options import GUARDS, REBOOT, REBOOT_TARGETS, WAITING
from ..module_utils.commands.power import reboot
from ..module_utils.commands.run_module import run_module


def main() -> None:
    run_module(REBOOT_TARGETS, REBOOT, GUARDS, WAITING, body=reboot, writes=True)


if __name__ == "__main__":
    main()
