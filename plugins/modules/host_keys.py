#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: host_keys
short_description: Renew the SSH host keys of reinstalled hosts
version_added: 1.0.0
description:
  - Waits until the hosts offer SSH host keys, collects the keys of all hosts at once, and replaces the old
    keys in a known_hosts file.
  - Use it only for hosts that were just reinstalled, whose keys must be new. The keys of other hosts would be
    trusted unseen.
  - The file is written atomically. If it has hashed entries, the new ones are hashed, too.
author:
  - reforge.cloud contributors (@reforge-cloud)
options:
  hosts:
    description: The hosts.
    type: list
    elements: dict
    required: true
    suboptions:
      address:
        description: Name or address that SSH connects to.
        type: str
        required: true
      port:
        description: Port of the SSH server.
        type: int
        default: 22
  path:
    description: The known_hosts file. It is created if it does not exist.
    type: path
    default: ~/.ssh/known_hosts
  timeout:
    description: Seconds to wait for all hosts to answer.
    type: int
    default: 300
attributes:
  check_mode:
    description: Can run in check mode, in which it changes nothing.
    support: full
    details: Contacts no host and changes no file.
  diff_mode:
    description: Shows in diff mode what it changes.
    support: none
requirements:
  - ssh-keyscan
"""

EXAMPLES = r"""
- name: Trust the new keys of two hosts
  reforge.cloud.host_keys:
    hosts:
      - address: 192.0.2.10
      - address: 192.0.2.11
        port: 2222
  delegate_to: localhost
"""

RETURN = r"""
renewed:
  description: The hosts whose keys were renewed, as C(address) or C([address]:port).
  returned: success
  type: list
  elements: str
missing:
  description: The hosts that offered no key in time. Their old entries are unchanged.
  returned: success
  type: list
  elements: str
"""

import time

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.commands.known_hosts import check_address, host_name, renew, scanned

ATTEMPT = 5  # seconds for one connection
PAUSE = 2.0


def scan(module: AnsibleModule, names: dict[str, tuple[str, int]]) -> dict[str, list[str]]:
    """The offered keys by host; one process for all hosts of a port."""
    keys: dict[str, list[str]] = {}
    program = module.get_bin_path("ssh-keyscan", required=True)
    for port in sorted({port for _address, port in names.values()}):
        addresses = "\n".join(address for address, its_port in names.values() if its_port == port)
        command = [program, "-T", str(ATTEMPT), "-p", str(port), "-f", "-"]
        _status, output, _errors = module.run_command(command, data=addresses + "\n")
        keys.update(scanned(output, port))
    return {name: keys[name] for name in names if name in keys}


def check_hosts(module: AnsibleModule) -> None:
    """Fail for an address or a port that is none."""
    for host in module.params["hosts"]:
        try:
            check_address(host["address"])
        except ValueError as error:
            module.fail_json(msg=f"hosts: address: {error}")
        if not 0 < host["port"] < 65536:
            module.fail_json(msg=f"hosts: port: {host['port']} is not between 1 and 65535")


def main() -> None:
    hosts = {"address": {"type": "str", "required": True}, "port": {"type": "int", "default": 22}}
    module = AnsibleModule(
        argument_spec={
            "hosts": {"type": "list", "elements": "dict", "required": True, "options": hosts},
            "path": {"type": "path", "default": "~/.ssh/known_hosts"},
            "timeout": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    check_hosts(module)
    waiting = {
        host_name(host["address"], host["port"]): (host["address"], host["port"])
        for host in module.params["hosts"]
    }
    if module.check_mode or not waiting:
        module.exit_json(changed=False, renewed=[], missing=[])
    keys: dict[str, list[str]] = {}
    until = time.monotonic() + module.params["timeout"]
    while True:
        keys.update(scan(module, waiting))
        waiting = {name: place for name, place in waiting.items() if name not in keys}
        if not waiting or time.monotonic() >= until:
            break
        time.sleep(PAUSE)
    try:
        changed = renew(module.params["path"], keys)
    except OSError as error:
        module.fail_json(msg=f"path: {module.params['path']!r} cannot be written: {error.strerror}")
    module.exit_json(changed=changed, renewed=sorted(keys), missing=sorted(waiting))


if __name__ == "__main__":
    main()
