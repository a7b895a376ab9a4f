#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: system_identity
short_description: Ask a system who it is
version_added: 0.1.0
description:
  - Makes an identity of what the first boot of an installation generates, the machine id and the SSH host keys, so that two
    looks tell whether it is still the same installation. Needs a shell on the host, and no Python.
  - A host that cannot be asked is no failure; its RV(identity) is V(null).
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  before:
    description: The identity at an earlier look.
    type: str
  began_at:
    description: When the reset began that is to be proven, in seconds since 1970. Without it there is no RV(proof).
    type: float
attributes:
  check_mode:
    details: Asks no host.
  diff_mode:
    details: Shows rows and tables instead.
"""

EXAMPLES = r"""
- name: Look before
  reforge.cloud.system_identity:
  register: system_before

- name: Look after
  reforge.cloud.system_identity:
    before: "{{ system_before.identity }}"
    began_at: "{{ outcome.began_at }}"
  register: system_after
"""

RETURN = r"""
identity:
  description: The same for as long as it is the same installation.
  returned: always
  type: str
boot_id:
  description: The kernel's id of this boot.
  returned: always
  type: str
asked_at:
  description: When it was asked, in seconds since 1970.
  returned: always
  type: float
proof:
  description:
    - V(identity) if it differs from O(before), V(age) if the machine id was made since the reset began, V(same) if it is the
      old installation, and V(none) if nothing can be told.
  returned: always
  type: str
"""
