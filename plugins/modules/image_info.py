#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: image_info
short_description: List images for cloud instances
version_added: 1.0.0
description:
  - Lists the images of a provider, or those that an instance can be reset to, in the same form for every
    provider.
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.options.connection
  - reforge.cloud.options.image_info
  - reforge.cloud.attributes.reads
"""

EXAMPLES = r"""
- name: List the images that an instance can be reset to
  reforge.cloud.image_info:
    provider: zenlayer_zec
    instance_id: "1234567890123456789"
  delegate_to: localhost
  register: images

- name: List the Ubuntu images of a zone
  reforge.cloud.image_info:
    provider: zenlayer_zec
    filters:
      name:
        - "Ubuntu*"
      zone:
        - asia-east-1a
  delegate_to: localhost
"""

RETURN = r"""
images:
  description: The images, sorted by name. Values that the provider does not return are V(null).
  returned: success
  type: list
  elements: dict
  contains:
    image_id:
      description: Its id.
      type: str
    name:
      description: Its name.
      type: str
    os_type:
      description: Type of the operating system.
      type: str
    status:
      description: Status of the image, in the vendor's own word.
      type: str
    available:
      description: Whether it can be installed now.
      type: bool
    size:
      description: The smallest system disk that it fits, in GiB; 0 if not known.
      type: int
    memory:
      description: Required memory in GiB; 0 if not known.
      type: int
    zones:
      description: Zones that offer it, if the provider lists images by zone.
      type: list
      elements: str
    type:
      description: V(public), V(private), V(shared) or V(market).
      type: str
    accepts_login:
      description: Whether a reset to it can set a password or a key.
      type: bool
    blocked:
      description: Why the instance cannot be reset to it, in the provider's words; empty if it can.
      type: str
    note:
      description: Side effects of a reset to it, such as invalid snapshots; empty if there are none.
      type: str
    raw:
      description: The vendor's own record.
      type: dict
missing_ids:
  description: Ids of O(image_ids) that do not exist.
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

from ..module_utils.commands.info import list_images
from ..module_utils.commands.read_options import IMAGE_INFO
from ..module_utils.commands.run_module import run_module


def main() -> None:
    run_module(IMAGE_INFO, body=list_images)


if __name__ == "__main__":
    main()
