"""The virtual environments of the checks, which several make targets may want at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[1] / "tools" / "make_venv.py"


def test_a_venv_that_two_targets_want_at_once_is_made_once(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# nothing\n", encoding="utf-8")
    command = [sys.executable, str(TOOL), str(tmp_path / "build" / "venv"), str(requirements)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _run in range(2)
    ]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert sorted("making" in output for output in outputs) == [False, True]
    assert (tmp_path / "build" / "venv" / "stamp.json").exists()
