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
  - Installs an image on existing instances, waits for the result, and returns a row for each.
  - An instance that already runs the image, and whose last reset did not fail, stays unchanged.
  - The system disk is erased. RV(instances[].erases) lists all disks that are, and O(keep_data_disks) keeps
    data disks if the provider supports it.
  - All rules are checked for all instances before the first write request. A write is sent once; if its
    answer is lost, the instance is read until its record shows the result.
  - Success is reported only with proof. If the provider's record does not prove the result, the outcome is
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

- name: Plan in check mode
  reforge.cloud.instance_reset:
    provider: zenlayer_zec
    instance_ids: "{{ ids }}"
    image_id: ubuntu2404_20240712
    key_ids:
      - key-YWD2QFOl
  check_mode: true
  register: plan

- name: Carry out exactly that plan
  reforge.cloud.instance_reset:
    provider: zenlayer_zec
    instance_ids: "{{ ids }}"
    image_id: ubuntu2404_20240712
    key_ids:
      - key-YWD2QFOl
    expect_plan: "{{ plan.plan_id }}"
    facts: "{{ plan.facts }}"
    max_instances: 10

- name: Reinstall the current image, once for this run even if the play is started twice
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
    - Id of the plan, which identifies what the call would do or did. It stays the same as long as the
      instances, their images and the options do.
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
      description: Its name; V(null) if there is no such instance.
      type: str
    verdict:
      description:
        - The decision, V(reset), V(unchanged), V(attach) (a reset is already under way), V(settle) (wait for
          another operation first) or V(refuse).
      type: str
    reason:
      description: The reason, as a stable code.
      type: str
      sample: image_differs
    message:
      description: The reason, as a sentence.
      type: str
    outcome:
      description:
        - The result, V(reset), V(accepted) (with O(wait=false)), V(unchanged), V(refused), V(failed),
          V(unknown) or V(timeout). V(null) if nothing was tried.
      type: str
    changed:
      description: Whether the instance was changed, or may have been; in check mode, whether it would be.
      type: bool
    before:
      description: Image and status before the call.
      type: dict
      sample: {"image": "ubuntu2204", "status": "running", "vendor_status": "RUNNING", "zone":
        "asia-east-1a"}
    after:
      description: Image and status after the call.
      type: dict
    erases:
      description:
        - The disks that are or would be erased. With RAID, partitions or iPXE in O(provider_options) of
          V(zenlayer_bmc) these are all disks, since the vendor does not say which ones are kept.
      type: list
      elements: str
    digest:
      description:
        - Digest of what would be done to this instance. O(instances[].expect_digest) accepts it, so that a
          part of a plan can be approved and carried out.
      type: str
    request:
      description: The ledger's id of the request; empty without a ledger.
      type: str
    continued_since:
      description: When the request was made, in UTC, if this call continued one of an earlier call.
      type: str
    unproven:
      description: Whether, by the ledger, the last reset is done and not yet proven from inside.
      type: bool
    unproven_since:
      description: When that reset was requested, in UTC.
      type: str
    system_before:
      description: The O(instances[].system_before) of that reset; empty if none was given.
      type: str
    request_ids:
      description: The provider's ids of the write requests.
      type: list
      elements: str
    started_at:
      description: When the first write request was sent, in UTC.
      type: str
    finished_at:
      description: When the outcome was known, in UTC.
      type: str
    seconds:
      description: Seconds from RV(instances[].started_at) to RV(instances[].finished_at).
      type: float
    error:
      description: The provider's C(code), C(message) and C(request_id), and C(advice).
      type: dict
reset_ids:
  description: Instances that were reset; in check mode, those that would be.
  returned: when the instances could be read
  type: list
  elements: str
accepted_ids:
  description: Instances whose reset was accepted, with O(wait=false).
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
  description: Instances whose reset failed. The task fails if there are any.
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
facts:
  description:
    - The vendor's records of images, keys and time zones that the plan has read. O(facts) accepts them, so
      that they are not read again when the plan is carried out.
  returned: in check mode, when the instances could be read
  type: dict
  contains:
    plan_id:
      description: The plan that they belong to.
      type: str
    until:
      description: The time in UTC until which they are valid.
      type: str
    images:
      description: Queries of images, each with its fields and its result.
      type: list
      elements: dict
    key_pairs:
      description: Queries of key pairs.
      type: list
      elements: dict
    timezones:
      description: Queries of time zones.
      type: list
      elements: dict
rate_waited:
  description:
    - Seconds that requests waited for the rate limit of their action, by action, if noticeable. All
      calls of this user on this machine share the rates of an account.
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
