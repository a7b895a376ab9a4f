# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ctrl-C at a controller that forks for each task is not lost in the fork."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# As with logging, up to Python 3.12: Python code is called after a fork, and a signal is handled in it.
STRUCK = """
import os, signal, time

def strike():
    signal.raise_signal(signal.SIGINT)

os.register_at_fork(after_in_parent=strike)
try:
    if not os.fork():
        os._exit(0)
    time.sleep(1)
except KeyboardInterrupt:
    os._exit(99)
os._exit(0)
"""
KEEP = "import ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.run_state"


@pytest.mark.parametrize("kept, status", [("", 0), (KEEP, 99)], ids=["python-alone", "kept"])
def test_an_interrupt_in_a_fork_is_sent_again(kept, status):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    program = [sys.executable, "-c", kept + STRUCK]
    done = subprocess.run(program, env=environment, capture_output=True, check=False)
    assert done.returncode == status, done.stderr
