# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A connection to a Windows host as WinRM or PSRP make one; the emulator knows what the host would answer."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: fake_windows
short_description: A Windows host that the emulator answers for
description: For tests.
options:
  instance:
    description: The id of the instance.
    type: str
    vars:
      - name: instance_id
"""


class Connection(ConnectionBase):
    """Runs PowerShell, of which it understands one line."""

    transport = "fake_windows"
    module_implementation_preferences = (".ps1", "")
    _shell_type = "powershell"

    def _connect(self) -> Connection:
        return self

    def exec_command(
        self, cmd: str, in_data: bytes | None = None, sudoable: bool = True
    ) -> tuple[int, bytes, bytes]:
        """The answer of a running system: its machine's guid, its age and its boot."""
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        with urllib.request.urlopen(f"{os.environ['FAKE_WINDOWS']}/_emulator/fleet", timeout=10) as answer:
            fleet: list[dict[str, Any]] = json.load(answer)["instances"]
        machine = next(instance for instance in fleet if instance["id"] == self.get_option("instance"))
        if machine["status"] != "running":
            raise AnsibleConnectionFailure("the host is off")
        mark = re.search(r"echo ([a-z-]+);.*MachineGuid", cmd)
        if not mark:
            return 1, b"", b"The term is not recognized as the name of a cmdlet."
        lines = (mark[1], f"guid-{machine['installation']}", "=", "=", "9999", "=", "boot", "=", "1")
        return 0, "\r\n".join((*lines, "")).encode(), b""

    def put_file(self, in_path: str, out_path: str) -> None:
        """Nothing is copied."""

    def fetch_file(self, in_path: str, out_path: str) -> None:
        """Nothing is copied."""

    def close(self) -> None:
        """Nothing is kept."""
