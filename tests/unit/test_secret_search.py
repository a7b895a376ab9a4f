# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What looks for secrets finds them wherever they are: without this, finding none would say nothing."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time

import pytest

from secret_search import Watch, marks_in

MARK = "XwqMark"  # not that of the other suites, which may run and watch at the same time
SLEEP = [sys.executable, "-c", "import time; time.sleep(0.5)"]


def test_a_mark_is_found_as_it_is_and_in_base64_whatever_stands_around_it():
    for before in range(4):
        text = "x" * before + MARK + "-key"
        assert marks_in(text.encode(), [MARK]) == marks_in(base64.b64encode(text.encode()), [MARK]) == {MARK}
    assert marks_in(base64.b64encode(os.urandom(100_000)), [MARK]) == set()


@pytest.mark.parametrize("lasting", [True, False])
def test_a_file_is_found_also_when_it_is_soon_removed(tmp_path, lasting):
    with Watch(tmp_path, marks=[MARK]) as watch:
        (tmp_path / "left").write_text(f"password={MARK}")
        if not lasting:
            deadline = time.monotonic() + 10
            while not watch.found and time.monotonic() < deadline:
                time.sleep(0.1)
            (tmp_path / "left").unlink()
    assert watch.found == {str(tmp_path / "left"): {MARK}}


def test_what_the_user_wrote_before_is_passed_over_until_it_changes(tmp_path):
    (tmp_path / "secrets.yml").write_text(MARK)
    with Watch(tmp_path, marks=[MARK]) as watch:
        time.sleep(0.1)
    assert watch.found == {}
    with Watch(tmp_path, marks=[MARK]) as watch:
        (tmp_path / "secrets.yml").write_text(MARK * 2)
    assert list(watch.found) == [str(tmp_path / "secrets.yml")]


@pytest.mark.parametrize("place", ["command line", "environment", None])
def test_a_process_is_found_by_its_command_line_and_by_its_environment(tmp_path, place):
    arguments = [MARK] if place == "command line" else []
    variables = {"KEY": MARK} if place == "environment" else {}
    with Watch(tmp_path, marks=[MARK]) as watch:
        subprocess.run([*SLEEP, *arguments], env={**os.environ, **variables}, check=True)
    assert [found.split(" of ")[0] for found in watch.found] == ([place] if place else [])


def test_what_the_user_put_into_the_environment_may_be_there_and_nowhere_else(tmp_path):
    environment = {**os.environ, "KEY": MARK}
    with Watch(tmp_path, marks=[MARK], surrounding=[MARK]) as watch:
        subprocess.run(SLEEP, env=environment, check=True)
    assert watch.found == {}
    with Watch(tmp_path, marks=[MARK], surrounding=[MARK]) as watch:
        subprocess.run([*SLEEP, MARK], env=environment, check=True)
    assert [found.split(" of ")[0] for found in watch.found] == ["command line"]
