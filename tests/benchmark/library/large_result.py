# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module that does nothing but return a result as large as that of a reset of 10,000 instances."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

ROW = {f"field{number}": "x" * 30 for number in range(20)}

AnsibleModule(argument_spec={}).exit_json(changed=False, instances=[ROW] * 10_000)
