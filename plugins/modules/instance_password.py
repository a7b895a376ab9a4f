#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: instance_password
short_description: Set a new password on cloud instances without a reset
version_added: 1.0.0
description:
  - Sets a new administrator password on installed systems and waits for the result. Nothing is wiped.
  - The provider chooses the account, usually root, ubuntu on Ubuntu at Tencent, or Administrator on Windows.
  - No provider shows the current password, so the module always sets it and reports a change. Under a
    O(run_id) it sets it once, and continues an open request of an earlier call.
  - V(zenlayer_zec) sets it on a running instance, through its guest agent; all others on a stopped one,
    which is started again afterwards. If a run is killed in between, the next call knows it from the
    O(ledger), shows it in its plan, and starts the instance, even if nothing else is left to do.
  - V(zenlayer_vm) starts the instance itself, even if it was stopped before.
  - With V(tencent_cvm) and V(tencent_lighthouse), a password on Windows must not contain C(Administrator).
    If the record does not show the operating system, the rules of all systems apply, since the provider's
    refusal would come after the stop.
  - V(zenlayer_bmc) has no such action, and is refused.
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.options.connection
  - reforge.cloud.options.password
  - reforge.cloud.options.targets
  - reforge.cloud.options.guards
  - reforge.cloud.options.waiting
  - reforge.cloud.attributes.writes
"""

EXAMPLES = r"""
- name: Set a new password on running instances
  reforge.cloud.instance_password:
    provider: zenlayer_zec
    instance_ids:
      - "1234567890123456789"
    password: "{{ vault_password }}"
  delegate_to: localhost

- name: Stop running instances for it if the provider requires that, and start them again
  reforge.cloud.instance_password:
    provider: tencent_cvm
    region: ap-guangzhou
    instance_ids: "{{ groups['edge'] | map('extract', hostvars, 'instance_id') }}"
    password: "{{ vault_password }}"
    stop_first: true
    run_id: rotation-2026-02
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
      M(reforge.cloud.instance_reset). The best outcome is V(password_set).
  returned: when the instances could be read
  type: list
  elements: dict
password_set_ids:
  description: Instances that got the new password; in check mode, those that would.
  returned: when the instances could be read
  type: list
  elements: str
accepted_ids:
  description: Instances whose request was accepted, with O(wait=false).
  returned: when the instances could be read
  type: list
  elements: str
unchanged_ids:
  description: Instances whose password was already set under the O(run_id).
  returned: when the instances could be read
  type: list
  elements: str
refused_ids:
  description: Instances that a rule refused. The task fails if there are any.
  returned: when the instances could be read
  type: list
  elements: str
failed_ids:
  description: Instances that did not get the password. The task fails if there are any.
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
  sample: {"ResetInstancesPassword": 12.4}
"""

from ..module_utils.commands.options import GUARDS, PASSWORD, TARGETS, WAITING
from ..module_utils.commands.password import password
from ..module_utils.commands.run_module import run_module


def main() -> None:
    run_module(TARGETS, PASSWORD, GUARDS, WAITING, body=password, writes=True)


if __name__ == "__main__":
    main()
