#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: instance_info
short_description: List cloud instances
version_added: 1.0.0
description:
  - Lists the instances of an account in the same form for every provider.
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.options.connection
  - reforge.cloud.options.instance_info
  - reforge.cloud.attributes.reads
"""

EXAMPLES = r"""
- name: List the running instances of a zone that are not on the wanted image
  reforge.cloud.instance_info:
    provider: zenlayer_zec
    filters:
      status:
        - running
      zone:
        - asia-east-1a
  delegate_to: localhost
  register: fleet

- name: Name them
  ansible.builtin.debug:
    msg: "{{ fleet.instances | rejectattr('image_id', 'eq', wanted_image) | map(attribute='name') }}"
"""

RETURN = r"""
instances:
  description:
    - The instances, sorted by name. Values that the provider does not return are V(null).
  returned: success
  type: list
  elements: dict
  contains:
    instance_id:
      description: Its id.
      type: str
    name:
      description: Its name.
      type: str
    status:
      description:
        - V(running), V(stopped), V(starting), V(stopping), V(rebooting), V(resetting), V(reset_failed),
          V(creating), V(failed), V(recycled), V(terminating) or V(unknown).
      type: str
    vendor_status:
      description: The status in the vendor's own word.
      type: str
    image_id:
      description: The image that is installed.
      type: str
    image_name:
      description: Its name.
      type: str
    os_type:
      description: Type of the operating system.
      type: str
    region:
      description: Region.
      type: str
    zone:
      description: Zone.
      type: str
    public_ips:
      description: Public addresses.
      type: list
      elements: str
    private_ips:
      description: Private addresses.
      type: list
      elements: str
    tags:
      description: Tags.
      type: dict
    key_ids:
      description: SSH key pairs.
      type: list
      elements: str
    created_at:
      description: When it was created, as the vendor writes it.
      type: str
    cpu:
      description: Number of processors.
      type: int
    memory:
      description: Memory in GiB.
      type: int
    system_disk:
      description: The system disk, C(id) and C(size) in GiB.
      type: dict
    data_disks:
      description: The data disks, C(id) and C(size) in GiB.
      type: list
      elements: dict
    guest_agent:
      description: Whether the guest agent is on.
      type: bool
    restriction:
      description: Why the provider restricts the instance; empty if it does not.
      type: str
    reset_barred:
      description: Why, by its record, a reset cannot work now; empty if nothing prevents it.
      type: str
    operation:
      description: The last operation, C(verb), C(phase), C(name), C(request_id), C(error) and
        C(started_at).
      type: dict
    raw:
      description: The vendor's own record.
      type: dict
missing_ids:
  description: Ids of O(instance_ids) that do not exist.
  returned: success
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

from ..module_utils.commands.info import list_instances
from ..module_utils.commands.read_options import INSTANCE_INFO
from ..module_utils.commands.run_module import run_module


def main() -> None:
    run_module(INSTANCE_INFO, body=list_instances)


if __name__ == "__main__":
    main()
