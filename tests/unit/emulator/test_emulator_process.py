# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The emulator as a process: how it starts, what it refuses, how it ends, and what people are given to
try.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from emulator.client import ControlError, Emulator

TESTS = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(TESTS)}
ZEC = {"provider": "zenlayer_zec"}
ONE_INSTANCE = {
    "accounts": [{**ZEC, "name": "main", "access_key": "AK", "secret_key": "SK"}],
    "zones": [{**ZEC, "id": "zone-1", "region": "region-1"}],
    "images": [{**ZEC, "id": "ubuntu", "category": "Ubuntu"}],
    "instances": [{**ZEC, "id": "i-1", "zone": "zone-1", "image_id": "ubuntu", "ssh": True}],
}


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "emulator", *arguments],
        env=ENVIRONMENT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--host", "0.0.0.0"),
        ("--host", "192.0.2.1"),
        ("--host", "localhost.example"),
        ("--speed", "0"),
        ("--fleet", "/nowhere/fleet.json"),
    ],
)
def test_what_cannot_be_served_ends_with_a_reason(arguments):
    done = start("serve", *arguments)
    output, errors = done.communicate(timeout=20)
    assert (done.returncode, output) == (2, "") and "emulator" in errors and "Traceback" not in errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number):
    process = start("serve")
    assert process.stdout and '"endpoint": "http://127.0.0.1:' in process.stdout.readline()
    process.send_signal(number)
    assert process.communicate(timeout=20) == ("", "") and process.returncode == 0


def test_only_what_is_emulated_has_a_path():
    with Emulator() as emulator:
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{emulator.endpoint}/elsewhere", timeout=10)
        caught.value.close()
        assert caught.value.code == 404
        with pytest.raises(ControlError, match="colour"):
            emulator.seed({"colour": "red"})
        assert emulator.stop() == 0


@pytest.mark.skipif(not shutil.which("ssh"), reason="needs the OpenSSH client")
def test_ansible_works_with_the_inventory_of_the_sandbox(tmp_path):
    ansible = Path(sys.executable).with_name("ansible")
    if not ansible.exists():
        pytest.skip("needs ansible-core")
    with socket.socket() as probe:
        probe.bind(("127.80.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "empty.cfg").touch()
    process = start("sandbox", "--state-dir", str(tmp_path), "--ssh-port", str(port))
    try:
        until = time.monotonic() + 20
        while not (tmp_path / "inventory.yml").exists() and time.monotonic() < until:
            time.sleep(0.05)
        for pipelining in ("true", "false"):
            done = subprocess.run(
                [str(ansible), "-i", str(tmp_path / "inventory.yml"), "web-*", "-m", "ping"],
                text=True,
                check=False,
                capture_output=True,
                timeout=60,
                env={
                    **os.environ,
                    "ANSIBLE_HOST_KEY_CHECKING": "false",
                    "ANSIBLE_PIPELINING": pipelining,
                    "ANSIBLE_SSH_ARGS": "-F none -o UserKnownHostsFile=/dev/null",
                    "ANSIBLE_CONFIG": str(tmp_path / "empty.cfg"),
                },
            )
            assert done.stdout.count("pong") == 4, done.stdout + done.stderr
    finally:
        process.terminate()
        errors = process.communicate(timeout=20)[1]
    assert errors == ""


def test_a_port_that_is_taken_at_the_address_of_an_instance_ends_it_with_the_reason():
    with socket.create_server(("127.80.0.1", 0)) as taken:
        process = start("sandbox", "--ssh-port", str(taken.getsockname()[1]))
        _output, errors = process.communicate(timeout=20)
    assert process.returncode == 2 and "127.80.0.1" in errors and "Traceback" not in errors


def test_a_port_that_is_taken_when_an_instance_comes_up_ends_it_too():
    with socket.create_server(("127.80.0.1", 0)) as taken:
        emulator = Emulator(ssh_port=taken.getsockname()[1])
        emulator.seed(ONE_INSTANCE)
        assert emulator._process.wait(20) == 2
        emulator.stop()
