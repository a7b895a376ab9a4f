# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Clears the facts of some hosts, where ansible-core can only clear those of all."""

from __future__ import annotations

DOCUMENTATION = r"""
name: facts_to_clear
version_added: 1.0.0
short_description: Clear the facts of some hosts
author:
  - reforge.cloud contributors (@reforge-cloud)
description:
  - Clears the facts of the given hosts, from C(setup) or from a cache. It serves the role rebuild.
  - C(meta=clear_facts) clears the facts of all hosts of a play. Used as its condition, this lookup clears
    those of some hosts and skips the task for the others. It works only there, since the controller
    evaluates the condition of C(meta) tasks itself.
options:
  _terms:
    description: Names of hosts.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Clear the facts of web-1
  ansible.builtin.meta: clear_facts
  when: query('reforge.cloud.facts_to_clear', 'web-1') | length > 0
"""

RETURN = r"""
_raw:
  description: The hosts whose facts are still to be cleared, of which there are none.
  type: list
  elements: str
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    """The variable manager, which hostvars have, is no public interface of ansible-core."""

    def run(
        self, terms: Sequence[str], variables: Mapping[str, Any] | None = None, **_options: Any
    ) -> list[str]:
        """Nothing is left to clear."""
        manager = (variables or {})["hostvars"]._variable_manager
        for host in terms:
            manager.clear_facts(str(host))
        return []
