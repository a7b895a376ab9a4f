#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_systems
short_description: Log in to all hosts of a play and ask their systems who they are
version_added: 1.0.0
description:
  - Logs in to all hosts side by side within one task, each over its own connection with its own settings
    (plugin, address, port, user, bastion, C(ssh_config)), as many at a time as there are forks. A host
    that is late holds up no other.
  - Derives an identity from what the first boot of an installation generates, the machine id and the SSH
    host keys, so that two looks tell whether it is still the same installation. The host needs a shell,
    but no Python.
  - A host that cannot be logged in to is no failure.
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  login_from:
    description:
      - Name of the variable that says for each host whether to log in to it (C(ssh)), for how many
        seconds to try (C(ssh_timeout)), what to do about its host key (C(host_keys), which is V(accept),
        V(bring) or V(leave)), its C(os_type) and the name of its C(connection) plugin.
    type: str
    required: true
  rows_from:
    description: Name of the variable with the plan or the result, whose rows say which hosts are logged
      in to. Without it all are.
    type: str
  plan_from:
    description: Name of the variable that M(reforge.cloud.fleet_reset) has registered as the plan; it
      knows where the ledger is.
    type: str
  before_from:
    description: Name of the variable that an earlier task of this kind has registered.
    type: str
  earlier_from:
    description: Name of the variable in which an earlier task of this kind has left hosts as late. Only
      these are asked again.
    type: str
  patience:
    description: Seconds without a new answer after which the remaining hosts are left as late. V(0) waits
      for all.
    type: float
    default: 0.0
  wants:
    description:
      - V(any) makes one attempt at each host. V(installation) tries until another installation than
        before answers, at the hosts that were reset or were not proven after an earlier reset. V(boot)
        tries until another boot answers, at the hosts that were rebooted.
    type: str
    choices: [any, installation, boot]
    default: any
  unreachable:
    description: Whether the task fails when O(wants=any) and a host cannot be logged in to. They are
      named in any case.
    type: str
    choices: [continue, refuse]
    default: continue
  progress:
    description: Seconds between two progress lines. V(0) shows none.
    type: float
    default: 30.0
attributes:
  check_mode:
    details: Logs in to no host.
"""

EXAMPLES = r"""
- name: Look before
  reforge.cloud.fleet_systems:
    login_from: my_login
    rows_from: plan
  run_once: true
  register: systems_before

- name: Look after
  reforge.cloud.fleet_systems:
    login_from: my_login
    rows_from: outcome
    before_from: systems_before
    wants: installation
  run_once: true
  register: systems_after
  vars:
    my_login:
      ssh_timeout: 600
      host_keys: accept
"""

RETURN = r"""
hosts:
  description: What each host said.
  returned: always
  type: dict
  contains:
    answers:
      description: Whether it could be logged in to.
      type: bool
    identity:
      description: The same as long as it is the same installation; V(null) if it cannot be determined.
      type: str
    boot_id:
      description: Another one for each boot.
      type: str
    proof:
      description:
        - After a reset V(identity) if the identity differs from that before, V(age) if the machine id was
          made since the reset began, V(none) if nothing can be told and the provider's word stands alone,
          V(same) if it is the old installation, and V(unreachable) if it does not answer.
        - After a reboot V(boot), V(same) or V(unreachable).
      type: str
    asked_at:
      description: When it was asked, in seconds since 1970.
      type: float
    msg:
      description: What is wrong, if anything is.
      type: str
late:
  description: The hosts that were left, for a later task of this kind.
  returned: always
  type: list
  elements: str
came_late:
  description: The hosts that an earlier task had left, and that this one has asked.
  returned: always
  type: list
  elements: str
silent:
  description: The hosts that did not answer.
  returned: always
  type: list
  elements: str
"""
