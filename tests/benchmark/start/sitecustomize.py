# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Python reads this file when it starts. A process that runs an Ansible module leaves a line when it ends."""

from __future__ import annotations

import atexit
import json
import os
import re
import sys
import time


def note(path: str, module: str, began: float) -> None:
    """Append when the module's process began and ended, in seconds since 1970, and its processor time."""
    line = {"module": module, "began": began, "ended": time.time(), "processor": sum(os.times()[:2])}
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


PATH = os.environ.get("REFORGE_PROCESSES")
MODULE = re.search(r"AnsiballZ_(\w+)\.py", " ".join(sys.orig_argv))
if PATH and MODULE:
    atexit.register(note, PATH, MODULE.group(1), time.time())
