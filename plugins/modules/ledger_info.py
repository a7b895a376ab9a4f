#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ledger_info
short_description: Read the record of resets and reboots
version_added: 1.0.0
description:
  - Lists the requests for resets, reboots and passwords from the ledger, with the instance, who requested it,
    when, and the result.
  - Reads only the ledger and contacts no provider.
author:
  - reforge.cloud contributors (@reforge-cloud)
extends_documentation_fragment:
  - reforge.cloud.options.ledger_info
  - reforge.cloud.attributes.reads
"""

EXAMPLES = r"""
- name: Show who wiped what this year
  reforge.cloud.ledger_info:
    verb: reset
    since: "2026-01-01T00:00:00Z"
  delegate_to: localhost
  register: resets

- name: Show open requests
  reforge.cloud.ledger_info:
    ledger: /var/lib/reforge/ledger.jsonl
    open: true
  delegate_to: localhost
"""

RETURN = r"""
ledger:
  description: The path or address of the ledger, without secrets.
  returned: success
  type: str
requests:
  description: The requests, oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    request:
      description: Id of the request in the ledger.
      type: str
    instance_id:
      description: The instance.
      type: str
    provider:
      description: The provider.
      type: str
    endpoint:
      description: The base URL of the API.
      type: str
    verb:
      description: V(reset), V(reboot), V(password), or V(stop) for a stop to set a password.
      type: str
    state:
      description: >-
        V(intended), V(lost), V(accepted), V(not_waited), V(not_seen), V(unknown), V(done), V(failed),
        V(not_started) or V(turned_down).
      type: str
    open:
      description: Whether its end is not known yet. The next call for the instance resolves it.
      type: bool
    image_before:
      description: The image before the request.
      type: str
    image_id:
      description: The image that a reset was to install; V(null) for a reboot.
      type: str
    run_id:
      description: The run that requested it; empty if it has no name.
      type: str
    asked_by:
      description: The C(user), the C(machine), and the C(job) of AWX if there was one.
      type: dict
    asked_at:
      description: When it was requested, in UTC.
      type: str
    ended_at:
      description: When its end was recorded, in UTC; V(null) while it is open.
      type: str
    request_id:
      description: The provider's id of the request.
      type: str
    proven:
      description: Whether the new system was proven from inside; V(null) if nobody logs in to it.
      type: bool
"""

from ..module_utils.commands.ledger_info import read_ledger
from ..module_utils.commands.read_options import LEDGER_INFO
from ..module_utils.commands.run_module import run_reader


def main() -> None:
    run_reader(LEDGER_INFO, read_ledger)


if __name__ == "__main__":
    main()
