#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_systems
short_description: Log in to all hosts of a play and identify their installations
version_added: 1.0.0
description:
  - Logs in to all hosts in parallel within one task, each over its own connection with its own settings
    (plugin, address, port, user, bastion, C(ssh_config)), up to C(forks) at a time. Slow hosts do not block
    others.
  - Derives an identity from what the first boot of an installation generates, the machine id and the SSH host
    keys, so that two logins show whether it is still the same installation. The host needs a shell, but no
    Python.
  - The task does not fail for hosts that cannot be logged in to.
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.attributes.action
options:
  login_from:
    description:
      - Name of the variable that says for each host whether to log in to it (C(ssh)), for how many seconds to
        try (C(ssh_timeout)), how to handle its host key (C(host_keys), which is V(accept), V(bring) or
        V(leave)), its C(os_type) and the name of its C(connection) plugin.
    type: str
    required: true
  rows_from:
    description: Name of the variable with the plan or the result, whose rows say which hosts to log in to; by
      default all.
    type: str
  plan_from:
    description: Name of the variable with the plan of M(reforge.cloud.fleet_reset), which knows the place
      of the ledger.
    type: str
  before_from:
    description: Name of the variable with the result of an earlier task of this module.
    type: str
  earlier_from:
    description: Name of the variable with the result of an earlier task of this module that left hosts as
      late. Only these are tried again.
    type: str
  patience:
    description: Seconds without a new answer after which the remaining hosts are left as late. V(0) waits
      for all.
    type: float
    default: 0.0
  wants:
    description:
      - V(any) makes one attempt per host. V(installation) tries until a new installation answers, for hosts
        that were reset or were not proven after an earlier reset. V(boot) tries until a new boot answers, for
        hosts that were rebooted.
    type: str
    choices: [any, installation, boot]
    default: any
  unreachable:
    description: With O(wants=any), whether the task fails if a host cannot be logged in to. Such hosts are
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
- name: Identify the systems before the reset
  reforge.cloud.fleet_systems:
    login_from: my_login
    rows_from: plan
  run_once: true
  register: systems_before

- name: Prove the new systems
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
  description: The answer of each host.
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
      description: The boot id, which differs for each boot.
      type: str
    proof:
      description:
        - After a reset V(identity) if the identity differs from that before, V(age) if the machine id was
          generated since the reset began, V(none) if only the provider's record shows the reset, V(same) if
          it is the old installation, V(older) if the system that answers, perhaps that of another machine,
          has been running since before the reset, and V(unreachable) if it does not answer.
        - After a reboot V(boot), V(same) or V(unreachable).
      type: str
    asked_at:
      description: Time of the answer, in seconds since 1970.
      type: float
    msg:
      description: The problem, if there is one.
      type: str
late:
  description: The hosts that were left for a later task of this module.
  returned: always
  type: list
  elements: str
came_late:
  description: The hosts that an earlier task had left and this one tried.
  returned: always
  type: list
  elements: str
silent:
  description: The hosts that did not answer.
  returned: always
  type: list
  elements: str
"""
