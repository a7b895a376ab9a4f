#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: instance_reset
short_description: Reinstall cloud instances in place
version_added: 1.0.0
description:
  - Installs an image on existing instances, waits for the end, and says for each what became of it.
  - An instance that runs the image already, and whose last reset did not fail, is left unchanged.
  - The system disk is erased. O(keep_data_disks) says for data disks what the provider allows.
  - All rules are checked for all instances before the first request that changes something is sent. Such
    a request is sent once; when its answer is lost, the instance is read until it shows what became of
    it.
  - Success is reported only with proof. What the provider's record cannot tell has the outcome
    V(unknown).
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.options.connection
  - reforge.cloud.options.reset
  - reforge.cloud.options.reset_targets
  - reforge.cloud.options.guards
  - reforge.cloud.options.waiting
  - reforge.cloud.attributes.writes
seealso:
  - module: reforge.cloud.image_info
  - module: reforge.cloud.instance_info
"""

EXAMPLES = r"""
- name: Reinstall two instances with a new image and wait for them
  reforge.cloud.instance_reset:
    provider: zenlayer_zec
    instance_ids:
      - "1234567890123456789"
      - "1234567890123456790"
    image_id: ubuntu2404_20240712
    key_ids:
      - key-YWD2QFOl
  delegate_to: localhost

- name: Show what would be done, and keep the name of the plan
  reforge.cloud.instance_reset:
    provider: zenlayer_zec
    instance_ids: "{{ ids }}"
    image_id: ubuntu2404_20240712
    key_ids:
      - key-YWD2QFOl
  check_mode: true
  register: plan

- name: Do just that
  reforge.cloud.instance_reset:
    provider: zenlayer_zec
    instance_ids: "{{ ids }}"
    image_id: ubuntu2404_20240712
    key_ids:
      - key-YWD2QFOl
    expect_plan: "{{ plan.plan_id }}"
    facts: "{{ plan.facts }}"
    max_instances: 10

- name: Install the current image again, once for this run even if the play is started twice
  reforge.cloud.instance_reset:
    provider: zenlayer_zec
    instance_ids: "{{ ids }}"
    force: true
    run_id: incident-4711
    ledger: /var/lib/reforge/ledger.jsonl
    password: "{{ vault_password }}"
"""

RETURN = r"""
plan_id:
  description:
    - Name of what the call would do, or did. It stays the same as long as the instances, their images and
      the options do.
  returned: when the instances could be read
  type: str
  sample: 4f1c8f0f6f2b9a37
instances:
  description: One row for each instance, in the order of O(instance_ids).
  returned: when the instances could be read
  type: list
  elements: dict
  contains:
    instance_id:
      description: Its id.
      type: str
    name:
      description: Its name, V(null) when there is no such instance.
      type: str
    verdict:
      description:
        - What was decided, V(reset), V(unchanged), V(attach) (it is running already), V(settle)
          (something else is running first) or V(refuse).
      type: str
    reason:
      description: Why, as a word that stays the same.
      type: str
      sample: image_differs
    message:
      description: Why, as a sentence.
      type: str
    outcome:
      description:
        - What happened, V(reset), V(accepted) (not waited for), V(unchanged), V(refused), V(failed),
          V(unknown) or V(timeout). V(null) where nothing was tried.
      type: str
    changed:
      description: Whether the instance was changed, or may have been; in check mode, whether it would be.
      type: bool
    before:
      description: Image and state before.
      type: dict
      sample: {"image": "ubuntu2204", "status": "running", "vendor_status": "RUNNING", "zone":
        "asia-east-1a"}
    after:
      description: Image and state after.
      type: dict
    erases:
      description:
        - The disks that are, or would be, erased. With RAID, partitions or iPXE in O(provider_options) of
          V(zenlayer_bmc) these are all, since the vendor does not say which are left alone.
      type: list
      elements: str
    digest:
      description:
        - Short name of what would be done to this instance. O(instances[].expect_digest) takes it, so
          that a part of a plan can be approved and run.
      type: str
    request:
      description: The ledger's id of the request, empty without one.
      type: str
    continued_since:
      description: When the request was made, in UTC, if this call continued one of an earlier call.
      type: str
    unproven:
      description: Whether the ledger says that the last reset is done and has not been proven from
        inside.
      type: bool
    unproven_since:
      description: When that reset was asked for, in UTC.
      type: str
    system_before:
      description: What the caller of that reset gave as O(instances[].system_before), empty without it.
      type: str
    request_ids:
      description: The provider's ids of the requests that changed something.
      type: list
      elements: str
    started_at:
      description: When the first of them was sent, in UTC.
      type: str
    finished_at:
      description: When the outcome was known, in UTC.
      type: str
    seconds:
      description: The time between them.
      type: float
    error:
      description: The provider's code, message and request id, and what can be done.
      type: dict
reset_ids:
  description: Instances that were reset; in check mode, those that would be.
  returned: when the instances could be read
  type: list
  elements: str
accepted_ids:
  description: Instances whose reset was accepted and not waited for.
  returned: when the instances could be read
  type: list
  elements: str
unchanged_ids:
  description: Instances that needed nothing.
  returned: when the instances could be read
  type: list
  elements: str
refused_ids:
  description: Instances that a rule refused. The task fails when there is one.
  returned: when the instances could be read
  type: list
  elements: str
failed_ids:
  description: Instances whose reset failed. The task fails when there is one.
  returned: when the instances could be read
  type: list
  elements: str
unknown_ids:
  description: Instances whose end the provider's record cannot prove. The task fails when there is one.
  returned: when the instances could be read
  type: list
  elements: str
timeout_ids:
  description: Instances still under way after O(wait_timeout). The task fails when there is one.
  returned: when the instances could be read
  type: list
  elements: str
facts:
  description:
    - What was read of images, keys and time zones, in the vendor's own records. O(facts) takes it, so that it
      is not read again when the plan is carried out.
  returned: in check mode, when the instances could be read
  type: dict
  contains:
    plan_id:
      description: The plan that it belongs to.
      type: str
    until:
      description: The time in UTC up to which it counts.
      type: str
    images:
      description: Looks at images, each with what was asked for and what came.
      type: list
      elements: dict
    key_pairs:
      description: The same of key pairs.
      type: list
      elements: dict
    timezones:
      description: The same of time zones.
      type: list
      elements: dict
rate_waited:
  description:
    - Seconds that requests waited for the rate limit of their action, by action, if it was a noticeable
      time. All calls of this user on this machine share the rate of an account.
  returned: always
  type: dict
  sample: {"ResetInstance": 12.4}
"""

from ..module_utils.commands.options import GUARDS, RESET, RESET_TARGETS, WAITING
from ..module_utils.commands.reset import reset
from ..module_utils.commands.run_module import run_module


def main() -> None:
    run_module(RESET_TARGETS, RESET, GUARDS, WAITING, body=reset, writes=True)


if __name__ == "__main__":
    main()
