# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Python reads this file when it starts. A process that runs an Ansible module leaves a line when it ends."""

from __future__ import annotations

import atexit
import json
import os
import sys
import time


def note(path: str, began: float) -> None:
    """Append the module, when its process began and ended, in seconds since 1970, its processor time, and
    the most memory that it had.
    """
    arguments = getattr(sys.modules.get("ansible.module_utils.basic"), "_ANSIBLE_ARGS", None)
    if arguments:  # a process that only uses the library has none
        name = json.loads(arguments)["ANSIBLE_MODULE_ARGS"]["_ansible_module_name"].rpartition(".")[2]
        line = {"module": name, "began": began, "ended": time.time(), "processor": sum(os.times()[:2])}
        with open("/proc/self/status", encoding="utf-8") as status:
            (line["megabytes"],) = (
                int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")
            )
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


# By what the process has loaded: a module that comes through a pipe has no name on the command line.
if "REFORGE_PROCESSES" in os.environ:
    atexit.register(note, os.environ["REFORGE_PROCESSES"], time.time())
