# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who a system is, seen from inside: the same for as long as it is the same installation."""

from __future__ import annotations

import hashlib
import re
import time
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

# The first boot of an installation makes a machine id and SSH host keys. Where an image brings them along instead, they
# are no proof, and the second line tells for how many seconds the id has been there.
# The first line parts the answer from what a profile may print before it.
MARK = "reforge-identity"
COMMAND = (
    f"echo {MARK}; cat /etc/machine-id; echo =; cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null; echo =; "
    "echo $(($(date +%s) - $(stat -c %Y /etc/machine-id))); cat /proc/sys/kernel/random/boot_id"
)
MACHINE_ID = re.compile("[0-9a-f]{32}")
# How much longer than since the reset began the machine id may have been there: clocks and rounding.
SLACK = 30


class ActionModule(ActionBase):
    """Runs for each host over its connection; needs a shell there, and no Python."""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """``identity``, or None for a host that cannot be asked, and ``proof`` when there is something to compare with."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec(
            {"before": {"type": "str"}, "began_at": {"type": "float"}}
        )
        result.update(changed=False, identity=None, boot_id=None, proof=None, asked_at=time.time())
        if self._task.check_mode:
            return {**result, "skipped": True}
        try:
            answer = self._low_level_execute_command(COMMAND, sudoable=False)
        except AnsibleError as error:  # no way to log in is not always a failure of the connection
            return {**result, "msg": f"it cannot be logged in to: {error.message}"}
        parts = answer["stdout"].replace("\r\n", "\n").rpartition(f"{MARK}\n")[2].split("=\n")
        if answer["rc"] != 0 or len(parts) != 3 or not MACHINE_ID.fullmatch(parts[0].strip()):
            return {**result, "msg": f"it does not tell who it is: {answer['stderr'].strip()[:200]}"}
        machine, keys, rest = parts
        age, boot_id = rest.split()[:2]
        identity = hashlib.sha256((machine + keys).encode()).hexdigest()[:16]
        result.update(identity=identity, boot_id=boot_id, msg=f"installation {identity}")
        if arguments["began_at"] is not None:
            result["proof"] = _proof(
                identity, arguments["before"], int(age), time.time() - arguments["began_at"]
            )
        return result


def _proof(identity: str, before: str | None, age: int, seconds_since: float) -> str:
    """``identity`` or ``age`` says what shows that the system is new, ``same`` that it is not, ``none`` that nothing shows."""
    if before and identity != before:
        return "identity"
    if age <= seconds_since + SLACK:
        return "age"
    return "same" if before else "none"
